import { Fault } from '@fairlead/shared/faults/fault.ts';
import { newId } from '@fairlead/shared/id.ts';
import { tellPaces } from '../convert/reply-headers.ts';
import { exchange } from '../exchange.ts';
import type { Answer } from '../journey/reply.ts';
import type { Node } from '../node.ts';
import type { AddressReader } from './client-address.ts';
import type { Connection } from './connection.ts';
import type { ResolvedEndpoint } from './endpoints.ts';
import { parseBody, readBody } from './read-inbound.ts';
import { answerFault, guessDialect } from './respond.ts';

/** What serving needs besides the node. */
export interface ServeSettings { maxBodyBytes: number; address: AddressReader }

/** A POST of which only the head is known. */
export interface Post { endpoint: ResolvedEndpoint | undefined; path: string; query: URLSearchParams; headers: ReadonlyMap<string, string> }

const bodyTimeoutMs = 60_000;

/** Runs one exchange to its answer; never throws. */
export async function answerPost({ endpoint, path, query, headers }: Post, connection: Connection, node: Node, settings: ServeSettings): Promise<Answer> {
  const receivedAtMs = node.clock.now();
  const exchangeId = newId('exchange', receivedAtMs);
  try {
    if (!endpoint) throw new Fault('request.not-found', { detail: `POST ${path}` });
    const address = settings.address(connection.remoteAddress, headers.get('x-forwarded-for'));
    const signal = connection.left;
    return await exchange({
      exchangeId, endpoint, headers, query, receivedAtMs, address, signal,
      async read() {
        const body = await readBody((limits) => connection.read(limits), headers, { maxBytes: settings.maxBodyBytes, timeoutMs: bodyTimeoutMs, clock: node.clock });
        const { text, json } = parseBody(body);
        return { exchangeId, endpoint, headers, query, receivedAtMs, address, signal, body, text, json };
      },
    }, node);
  } catch (cause) {
    const dialect = endpoint?.dialect ?? guessDialect(path, headers);
    const answer = answerFault(cause, dialect, exchangeId, node.log);
    if (cause instanceof Fault && cause.paces) tellPaces(answer.headers, dialect, cause.paces, node.clock.now());
    return answer;
  }
}
