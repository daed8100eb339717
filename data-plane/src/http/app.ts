import { Hono } from 'hono';
import type { Context } from 'hono';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { newId } from '@fairlead/shared/id.ts';
import { whoMayList } from '../exchange.ts';
import type { Answer } from '../journey/reply.ts';
import type { Node } from '../node.ts';
import { backstage } from './backstage.ts';
import type { Connect } from './connection.ts';
import { resolveEndpoint } from './endpoints.ts';
import { modelsFor, writeModel, writeModels } from './models.ts';
import { answerFault, guessDialect } from './respond.ts';
import { answerPost } from './serve.ts';
import type { ServeSettings } from './serve.ts';

/** What the door needs besides the node. */
export interface DoorSettings extends ServeSettings { connect: Connect; metricsToken: string | undefined }

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
  const url = new URL(context.req.url);
  return connection.send(await answerPost({ endpoint: resolveEndpoint(url.pathname), path: url.pathname, query: url.searchParams, headers: headerMap(context) }, connection, node, door));
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
