import { lookup as resolveName } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { Agent } from 'undici';
import { classifyAddress, classifyHost, strictest } from '@fairlead/shared/egress/address.ts';
import type { AddressClass } from '@fairlead/shared/egress/address.ts';
import { AddressRefused } from './transport.ts';
import type { Transport } from './transport.ts';

/** What may be called besides the public internet. */
export interface EgressRules {
  /** The node is bound to loopback: the operator's own loopback upstreams are allowed. */
  loopbackForOperator: boolean;
  /** `host:port` that the operator's upstreams may have though they are private. */
  allowed: readonly string[];
}

type Reach = 'public' | 'loopback' | 'named';

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * undici on both runtimes. The resolved address is checked in the connect hook, so that a name cannot
 * point elsewhere after a check; literal addresses never pass that hook and are checked before.
 */
export function createUndiciTransport(rules: EgressRules): Transport {
  const allowed = new Set(rules.allowed.map((entry) => entry.toLowerCase()));
  const agents = new Map<Reach, Agent>();
  const agentFor = (reach: Reach): Agent => {
    let agent = agents.get(reach);
    if (!agent) {
      agent = new Agent({ keepAliveTimeout: 15_000, keepAliveMaxTimeout: 60_000, connections: 8_192, pipelining: 1, connect: { timeout: 10_000, lookup: checkedLookup(reach) as never } });
      agents.set(reach, agent);
    }
    return agent;
  };

  const reachOf = (url: URL, owner: 'operator' | 'tenant'): Reach => {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new AddressRefused(url.protocol, 'is no way to call an upstream');
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    if (owner === 'operator' && allowed.has(`${url.hostname.toLowerCase()}:${port}`)) return 'named';
    const reach: Reach = owner === 'operator' && rules.loopbackForOperator ? 'loopback' : 'public';
    const known = classifyHost(url.hostname);
    if (known && !mayCall(known, reach)) throw new AddressRefused(url.host, `is ${known}, which this node may not call`);
    return reach;
  };

  return {
    async call({ url, headers, body, owner, signal }) {
      // Whoever calls watches the time: a large prompt may take longer than any fixed limit.
      const agent = agentFor(reachOf(url, owner));
      const answer = await agent.request({ origin: url.origin, path: url.pathname + url.search, method: 'POST', headers, body, signal, headersTimeout: 0, bodyTimeout: 0 });
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function mayCall(address: AddressClass, reach: Reach): boolean {
  return reach === 'named' || address === 'public' || (address === 'loopback' && reach === 'loopback');
}

function checkedLookup(reach: Reach) {
  return (hostname: string, options: LookupOptions, callback: Callback): void => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const worst = strictest(addresses.map(({ address }) => classifyAddress(address) ?? 'private'));
      if (!mayCall(worst, reach)) return callback(new AddressRefused(hostname, `resolves to a ${worst} address, which this node may not call`), []);
      if (options.all) return callback(null, addresses);
      const first = addresses[0];
      return first ? callback(null, first.address, first.family) : callback(new AddressRefused(hostname, 'resolves to nothing'), []);
    });
  };
}
