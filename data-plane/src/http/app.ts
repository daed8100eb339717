import { Hono } from 'hono';
import type { Context } from 'hono';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { newId } from '@fairlead/shared/id.ts';
import { exchange, whoMayList } from '../exchange.ts';
import type { Arrival } from '../journey/inbound.ts';
import type { Answer } from '../journey/reply.ts';
import type { Node } from '../node.ts';
import { backstage } from './backstage.ts';
import type { AddressReader } from './client-address.ts';
import type { Connect, Connection } from './connection.ts';
import { resolveEndpoint } from './endpoints.ts';
import type { ResolvedEndpoint } from './endpoints.ts';
import { modelsFor, writeModel, writeModels } from './models.ts';
import { parseBody, readBody } from './read-inbound.ts';
import { answerFault, guessDialect } from './respond.ts';

/** What the door needs besides the node. */
export interface DoorSettings { connect: Connect; maxBodyBytes: number; address: AddressReader; metricsToken: string | undefined }

const bodyTimeoutMs = 60_000;

/** The node's HTTP door: catalog → read → exchange → respond. Decides nothing itself. */
export function createApp(node: Node, door: DoorSettings): Hono {
  const app = new Hono();
  backstage(app, node, door);

  app.get('/v1/models', (context) => list(context, node, door));
  app.get('/v1/models/:id', (context) => list(context, node, door, context.req.param('id')));
  app.get('/v1beta/models', (context) => list(context, node, door));
  app.get('/v1beta/models/:id', (context) => list(context, node, door, context.req.param('id')));
  app.get('/v1/responses', (context) => {
    // Codex's built-in provider tries a WebSocket first; 426 is the one status that makes it use HTTP at once.
    return door.connect(context).send(answerFault(new Fault('request.upgrade'), 'openai-responses', newId('exchange'), node.log));
  });

  app.post('*', (context) => serve(context, node, door));
  app.all('*', (context) => {
    const headers = headerMap(context);
    const path = new URL(context.req.url).pathname;
    return door.connect(context).send(answerFault(new Fault('request.not-found', { detail: `${context.req.method} ${path}` }), guessDialect(path, headers), newId('exchange'), node.log));
  });
  return app;
}

async function serve(context: Context, node: Node, door: DoorSettings): Promise<Response> {
  const connection = door.connect(context);
  const receivedAtMs = node.clock.now();
  const exchangeId = newId('exchange', receivedAtMs);
  const headers = headerMap(context);
  const url = new URL(context.req.url);
  const endpoint = resolveEndpoint(url.pathname);
  let answer: Answer;
  try {
    if (!endpoint) throw new Fault('request.not-found', { detail: `POST ${url.pathname}` });
    answer = await exchange(arrivalOf(connection, endpoint, { exchangeId, headers, url, receivedAtMs }, door), node);
  } catch (cause) {
    answer = answerFault(cause, endpoint?.dialect ?? guessDialect(url.pathname, headers), exchangeId, node.log);
  }
  return connection.send(answer);
}

function arrivalOf(connection: Connection, endpoint: ResolvedEndpoint, at: { exchangeId: string; headers: ReadonlyMap<string, string>; url: URL; receivedAtMs: number }, door: DoorSettings): Arrival {
  const known = {
    exchangeId: at.exchangeId, endpoint, headers: at.headers, query: at.url.searchParams, receivedAtMs: at.receivedAtMs,
    address: door.address(connection.remoteAddress, at.headers.get('x-forwarded-for')), signal: connection.left,
  };
  return {
    ...known,
    async read() {
      const body = await readBody(connection.body, at.headers, { maxBytes: door.maxBodyBytes, timeoutMs: bodyTimeoutMs });
      return { ...known, body, json: parseBody(body) };
    },
  };
}

async function list(context: Context, node: Node, door: DoorSettings, id?: string): Promise<Response> {
  const connection = door.connect(context);
  const headers = headerMap(context);
  const url = new URL(context.req.url);
  const dialect = guessDialect(url.pathname, headers);
  const exchangeId = newId('exchange', node.clock.now());
  let answer: Answer;
  try {
    const { principal, table } = await whoMayList({ headers, query: url.searchParams, address: door.address(connection.remoteAddress, headers.get('x-forwarded-for')) }, node);
    const models = modelsFor(principal, table);
    const one = id === undefined ? undefined : models.find((model) => model.name.toLowerCase() === id.toLowerCase());
    if (id !== undefined && !one) throw new Fault('model.unknown', { detail: id.slice(0, 100) });
    answer = { status: 200, headers: { 'content-type': 'application/json' }, body: new TextEncoder().encode(JSON.stringify(one ? writeModel(dialect, one) : writeModels(dialect, models))) };
  } catch (cause) {
    answer = answerFault(cause, dialect, exchangeId, node.log);
  }
  return connection.send(answer);
}

function headerMap(context: Context): ReadonlyMap<string, string> {
  return new Map(Object.entries(context.req.header()));
}
