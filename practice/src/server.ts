import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseJson } from '@fairlead/shared/wire/json.ts';
import { createBill } from './bill.ts';
import { readBody } from './body.ts';
import { createCallBook } from './calls.ts';
import { control } from './control.ts';
import { createPrefixMemory } from './prefix-memory.ts';
import { routeOf } from './route.ts';
import { createScriptQueue } from './script.ts';
import { refuse, serveCall, type Vendor } from './serve-call.ts';
import type { Settings } from './settings.ts';

/** A running practice upstream. */
export type Practice = {
  /** The port it listens on. */
  readonly port: number;
  /** Ends all calls and stops listening. */
  close(): Promise<void>;
};

/** Opens the practice upstream; `now` gives milliseconds since 1970. */
export async function openPractice(settings: Settings, now: () => number = Date.now): Promise<Practice> {
  const vendor: Vendor = {
    bill: createBill(),
    calls: createCallBook(now),
    scripts: createScriptQueue(),
    prefixes: createPrefixMemory(now),
    now,
    accepts: (digest) => settings.credentialDigests.has(digest),
  };
  const closing = new AbortController();
  const server = createServer((request, response) => {
    serve(request, response, vendor, closing.signal).catch((cause: unknown) => {
      process.stderr.write(`${JSON.stringify({ level: 'error', message: String(cause) })}\n`);
      response.destroy();
    });
  });
  // Longer than the idle time of common clients' pools, so that a kept connection is not closed under a new request.
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, resolve);
  });
  return {
    port: addressOf(server.address()).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      closing.abort();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, vendor: Vendor, closing: AbortSignal): Promise<void> {
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', 'http://practice.invalid');
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, closing]);
  if (url.pathname.startsWith('/_practice/')) {
    const body = await readBody(request, signal);
    const said = control(method, url.pathname, parseJson(body.text ?? ''), vendor);
    response.writeHead(said.status, { 'content-type': 'application/json' }).end(JSON.stringify(said.body));
    return;
  }
  const route = routeOf(method, url, request.headers);
  const { record, elapsedMs } = vendor.calls.open({
    path: url.pathname, dialect: route?.dialect.name ?? null, operation: route?.operation ?? 'unknown', headers: Object.keys(request.headers),
  });
  response.once('close', () => {
    record.endedMs = elapsedMs();
    if (response.writableFinished) return;
    if (record.outcome === 'open') record.clientLeftMs = record.endedMs;
    left.abort();
  });
  if (!route) {
    record.outcome = 'refused';
    record.status = request.headers.upgrade === undefined ? 404 : 426;
    response.writeHead(record.status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: `There is no ${method} ${url.pathname} here.`, type: 'not_found_error' } }));
    return;
  }
  const call = { request, response, url, route, record, elapsedMs, signal };
  try {
    await serveCall(call, vendor);
  } catch (cause) {
    if (signal.aborted) {
      record.outcome = 'client-left';
      response.destroy();
      return;
    }
    if (response.headersSent) throw cause;
    refuse(call, { status: 500, message: 'Internal server error' });
    throw cause;
  }
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The server must listen on a port.');
  return address;
}
