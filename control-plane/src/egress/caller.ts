// The only way out of the control plane: undici with every address checked, also what a name resolves to.
import { lookup as resolveName } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { Agent } from 'undici';
import { reachOf, refuseResolved } from '@fairlead/shared/egress/rules.ts';
import type { EgressRules, Reach } from '@fairlead/shared/egress/rules.ts';

/** One call. Redirects are not followed. */
export interface Call { url: URL; method: 'GET' | 'POST'; headers: Record<string, string>; body?: string; owner: 'operator' | 'tenant'; signal: AbortSignal }

/** What came back, with at most `mostBytes` of its body as text. */
export interface Called { status: number; headers: Record<string, string | string[] | undefined>; text: string }

/** Calls vendors for commands. */
export interface Caller { call(call: Call): Promise<Called>; close(): Promise<void> }

const mostBytes = 4 * 1024 * 1024;

/** Opens a caller that keeps these rules. */
export function openCaller(rules: EgressRules): Caller {
  const agents = new Map<Reach, Agent>();
  const agentFor = (reach: Reach): Agent => {
    let agent = agents.get(reach);
    if (!agent) {
      // Nothing is kept alive: the next call may be for another tenant.
      agent = new Agent({ keepAliveTimeout: 1, keepAliveMaxTimeout: 1, connections: 16, pipelining: 0, maxHeaderSize: 32_768, connect: { timeout: 10_000, lookup: checkedLookup(reach) as never } });
      agents.set(reach, agent);
    }
    return agent;
  };
  return {
    async call({ url, method, headers, body, owner, signal }) {
      const agent = agentFor(reachOf(url, owner, rules));
      const answer = await agent.request({ origin: url.origin, path: url.pathname + url.search, method, headers, body: body ?? null, signal, headersTimeout: 30_000, bodyTimeout: 30_000 });
      return { status: answer.statusCode, headers: answer.headers, text: await readText(answer.body) };
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop destroys the body: nobody sends us more than this.
    if (size > mostBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8');
}

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

function checkedLookup(reach: Reach) {
  return (hostname: string, options: LookupOptions, callback: Callback): void => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refused = refuseResolved(hostname, addresses.map(({ address }) => address), reach);
      if (refused) return callback(refused, []);
      const first = addresses[0];
      return options.all || !first ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
