import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Context as HonoContext } from 'hono';
import { generateCookie, getCookie } from 'hono/cookie';
import type { HttpBindings } from '@hono/node-server';
import { headPath, piecePath } from '@fairlead/shared/node-api/snapshot-paths.ts';
import { isLearning } from '../ingest/learning.ts';
import type { Domain } from '../domain/domain.ts';
import { createIssueGuard } from '../domain/experience/issue-guard.ts';
import { describeError } from '../log.ts';
import { serveHead, servePiece, serveRoot } from '../snapshot/serve.ts';
import type { Publisher } from '../snapshot/publisher.ts';
import { createAddressReader } from './address.ts';
import type { ConsoleFiles } from './console-files.ts';
import { crossSiteProblem, isLocalName, isPlainSafe } from './cross-site.ts';
import { identify } from './identify.ts';
import { createNodeDoor, isNodeHeader } from './node-door.ts';
import { createPace } from './pace.ts';
import type { Points } from './points.ts';
import { BodyTooLarge, readBody } from './read-body.ts';
import { exportLedger, exportPath } from './export-ledger.ts';
import { createGraphql } from './yoga.ts';

/** What the server is built from. */
export interface AppParts { domain: Domain; publisher: Publisher; consoleFiles: ConsoleFiles | undefined; trustedProxies: readonly string[]; points: Points }

type Bindings = { Bindings: Partial<HttpBindings> };

const nodeBodyBytes = 10 * 1024 * 1024;
const bodyBytes = 1024 * 1024;
const cookieName = 'fairlead_sign_in';

/** The whole HTTP side: GraphQL, snapshots for nodes, health, and the console's files. */
export function createApp({ domain, publisher, consoleFiles, trustedProxies, points }: AppParts): Hono<Bindings> {
  const app = new Hono<Bindings>();
  const door = createNodeDoor(domain);
  const graphql = createGraphql(domain.log, points);
  const addressOf = createAddressReader(trustedProxies);
  const issueGuard = createIssueGuard();
  const tryPace = createPace(60, 60_000);

  app.use(async (c, next) => {
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    c.header('x-frame-options', 'DENY');
  });
  app.onError((cause, c) => {
    domain.log.error('http.failed', { path: c.req.path, ...describeError(cause) });
    return c.json(failure('INTERNAL', 'Something broke on our side.'), 500);
  });

  app.get('/healthz', (c) => c.text('ok\n'));
  app.get('/readyz', async (c) => {
    await domain.db.client.setting.count();
    return publisher.newest() ? c.text('ready\n') : c.text('nothing is published yet\n', 503);
  });
  app.get(piecePath(':sha256'), (c) => servePiece(c.req.raw, domain, publisher, c.req.param('sha256') ?? ''));
  app.get('/snapshot/roots/:version', (c) => serveRoot(domain, c.req.param('version')));
  app.get(headPath, (c) => serveHead(c.req.raw, { target: targetOf(c), door, publisher, mayWait: !isLearning(domain) }));

  app.all('/graphql', async (c) => {
    const authorization = c.req.header('authorization');
    if (domain.places.loopback && !isLocalName(new URL(c.req.url).hostname, domain.places.publicUrl())) {
      return c.json(failure('FORBIDDEN', 'This install is reached from this machine only. Set FAIRLEAD_PUBLIC_URL to serve it under another name.'), 403);
    }
    let body: Uint8Array<ArrayBuffer>;
    try {
      body = await readBody(c.req.raw, isNodeHeader(authorization) ? nodeBodyBytes : bodyBytes);
    } catch (cause) {
      if (cause instanceof BodyTooLarge) return c.json(failure('INVALID', 'The body is too large.'), 413);
      throw cause;
    }
    const cookie = getCookie(c, cookieName);
    if (cookie !== undefined && authorization === undefined) {
      const problem = crossSiteProblem({
        method: c.req.method, contentType: c.req.header('content-type'), origin: c.req.header('origin'), fetchSite: c.req.header('sec-fetch-site'), consoleHeader: c.req.header('x-fairlead-console'),
        host: c.req.header('host'), publicUrl: domain.places.publicUrl(),
      });
      if (problem) return c.json(failure('FORBIDDEN', problem), 403);
    }
    // What a plain form can send must not act, not even without a cookie: pages of others could make a browser send it here.
    if (c.req.method === 'POST' && !isPlainSafe(c.req.header('content-type'), c.req.header('x-fairlead-console'))) return c.json(failure('INVALID', 'Send application/json.'), 415);
    const address = addressOf(c.env?.incoming?.socket.remoteAddress, c.req.header('x-forwarded-for'));
    const who = await identify(domain, door, { authorization, cookie, method: c.req.method, target: targetOf(c), body, address });
    if ('refused' in who) return c.json(failure('UNAUTHENTICATED', who.refused), 401);
    const secure = domain.places.publicUrl().startsWith('https:');
    const signal = c.req.raw.signal;
    let setCookie: string | undefined;
    const answer = await graphql.fetch(new Request(c.req.url, { method: c.req.method, headers: c.req.raw.headers, ...(c.req.method === 'GET' || c.req.method === 'HEAD' ? {} : { body }), signal }), {
      domain, issueGuard, tryPace, signal, actor: who.actor, address, userAgent: c.req.header('user-agent'), requestId: randomUUID(),
      cookie: {
        set: (text, expires) => { setCookie = generateCookie(cookieName, text, { httpOnly: true, sameSite: 'Lax', secure, path: '/', expires }); },
        clear: () => { setCookie = generateCookie(cookieName, '', { httpOnly: true, sameSite: 'Lax', secure, path: '/', maxAge: 0 }); },
      },
    });
    const headers = new Headers(answer.headers);
    headers.set('cache-control', 'no-store');
    if (setCookie !== undefined) headers.append('set-cookie', setCookie);
    return new Response(answer.body, { status: answer.status, headers });
  });

  app.get(exportPath, async (c) => {
    if (domain.places.loopback && !isLocalName(new URL(c.req.url).hostname, domain.places.publicUrl())) return c.json(failure('FORBIDDEN', 'This install is reached from this machine only.'), 403);
    const address = addressOf(c.env?.incoming?.socket.remoteAddress, c.req.header('x-forwarded-for'));
    const who = await identify(domain, door, { authorization: c.req.header('authorization'), cookie: getCookie(c, cookieName), method: 'GET', target: targetOf(c), body: new Uint8Array(), address });
    return 'refused' in who ? c.json(failure('UNAUTHENTICATED', who.refused), 401) : exportLedger(domain, who.actor, new URL(c.req.url));
  });

  app.get('*', (c) => {
    if (c.req.path.startsWith('/graphql')) return c.notFound();
    const pathname = decoded(c.req.path);
    if (pathname === undefined) return c.notFound();
    return consoleFiles?.answer(c.req.raw, pathname) ?? (c.req.path === '/' ? c.text('Fairlead control plane. The API is at /graphql.\n') : c.notFound());
  });
  return app;
}

/** A path as it is meant; undefined when its escapes stand for no text. */
function decoded(path: string): string | undefined {
  try { return decodeURI(path); } catch { return undefined; }
}

const failure = (code: string, message: string) => ({ errors: [{ message, extensions: { code } }] });

/** The path with its query exactly as it was sent: that is what a node signs. */
function targetOf(c: HonoContext<Bindings>): string {
  if (c.env?.incoming?.url !== undefined) return c.env.incoming.url;
  const url = new URL(c.req.url);
  return `${url.pathname}${url.search}`;
}
