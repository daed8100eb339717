// The story of one call: who, what, how it shall go, the answer, the bill.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseJson } from '@fairlead/shared/wire/json.ts';
import { answerTo, conductFor, readWish } from './answer.ts';
import { readBody } from './body.ts';
import type { CallRecord } from './calls.ts';
import type { Controlled } from './control.ts';
import { presentedDigests } from './credential.ts';
import { deliverSteps, deliverWhole, type Delivery } from './deliver.ts';
import type { Dialect, Refusal, Spoken } from './dialect.ts';
import type { Conduct } from './misbehaviour.ts';
import { hasModel, MODEL_NAMES } from './models.ts';
import type { PrefixMemory } from './prefix-memory.ts';
import type { Prompt } from './prompt.ts';
import type { Route } from './route.ts';

/** The parts that all calls share. */
export type Vendor = Controlled & {
  readonly prefixes: PrefixMemory;
  readonly now: () => number;
  readonly accepts: (digest: string) => boolean;
};

/** One call and what it is answered with. */
export type Call = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly route: Route;
  readonly record: CallRecord;
  readonly elapsedMs: () => number;
  /** Aborted when the client leaves or the process closes. */
  readonly signal: AbortSignal;
};

const HTML = '<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1><p>Simulated by the practice upstream.</p></body></html>';

/** Serves one call to its end. */
export async function serveCall(call: Call, vendor: Vendor): Promise<void> {
  const { route, record, response } = call;
  const { dialect } = route;
  const credential = presentedDigests(call.request.headers, call.url).find(vendor.accepts);
  record.credential = credential?.slice(0, 8) ?? null;
  const body = await readBody(call.request, call.signal);
  record.bodyBytes = body.bytes;
  record.bodySha256 = body.sha256;
  if (credential === undefined) return refuse(call, dialect.badCredential);
  if (route.operation === 'models') return sendJson(call, 200, dialect.models(MODEL_NAMES));
  if (body.text === undefined) return refuse(call, { status: 413, message: 'Request exceeds the maximum size' });
  const json = parseJson(body.text);
  if (json === undefined) return refuse(call, { status: 400, message: 'The request body is not valid JSON.' });
  const read = dialect.read(json, { model: route.model, stream: route.stream });
  if ('refusal' in read) return refuse(call, read.refusal);
  const { prompt } = read;
  record.model = prompt.model;
  record.stream = prompt.stream;
  if (!hasModel(prompt.model)) return refuse(call, dialect.unknownModel(prompt.model));
  if (route.operation === 'count') return sendJson(call, 200, dialect.counted(countOf(prompt)));
  const wish = readWish(prompt);
  if (wish.problem !== undefined) return refuse(call, { status: 400, message: wish.problem });
  const conduct = conductFor(wish, vendor.scripts.take({ credential, model: prompt.model }));
  record.misbehaviour = conduct.names;
  if (conduct.slowMs > 0) await delay(conduct.slowMs, undefined, { signal: call.signal });
  if (conduct.reset) {
    record.outcome = 'misbehaved';
    response.destroy();
    return;
  }
  if (conduct.refusal) return refuse(call, refusalOf(conduct.refusal, dialect), conduct.refusal.asDate ? vendor.now() : undefined);
  if (conduct.instead) return sendInstead(call, conduct.instead);

  const answer = answerTo(prompt, wish, conduct);
  const asked = vendor.prefixes.count(`${credential} ${prompt.model}`, prompt.segments, dialect.cacheRule);
  const tokens = { ...asked, output: answer.outputTokens, reasoning: answer.reasoningTokens };
  const spoken: Spoken = { prompt, answer, tokens, atS: Math.floor(vendor.now() / 1000), newId };
  const sent = await send(call, conduct, spoken);
  record.eventsSent = sent.events;
  // A broken answer costs what the client was told of before it broke.
  if (sent.tokens) vendor.bill.add(credential, prompt.model, sent.tokens);
  record.outcome = sent.end === 'complete' ? 'answered' : sent.end === 'broken' ? 'misbehaved' : 'client-left';
}

async function send(call: Call, conduct: Conduct, spoken: Spoken): Promise<Delivery> {
  const { response, record, signal, route } = call;
  const sending = {
    response,
    signal,
    conduct,
    beforeCut: () => {
      record.outcome = 'misbehaved';
    },
  };
  record.status = 200;
  record.firstByteMs = call.elapsedMs();
  response.statusCode = 200;
  response.setHeader(requestIdHeader(route.dialect), newId('req_'));
  if (!spoken.prompt.stream) {
    response.setHeader('content-type', 'application/json');
    return deliverWhole(JSON.stringify(route.dialect.whole(spoken)), spoken.tokens, sending);
  }
  const steps = route.dialect.steps(spoken);
  if (route.asList) {
    response.setHeader('content-type', 'application/json');
    const items = steps.map((step) => step.text.slice('data: '.length).trim());
    return deliverWhole(`[${items.join(',\n')}]`, spoken.tokens, sending);
  }
  response.setHeader('content-type', 'text/event-stream; charset=utf-8');
  response.setHeader('cache-control', 'no-cache');
  return deliverSteps(steps, route.dialect.brokenStep, sending);
}

/** Sends a refusal in the vendor's shape; `dateFromMs` asks for the date form of its wait. */
export function refuse(call: Pick<Call, 'response' | 'record' | 'route' | 'elapsedMs'>, refusal: Refusal, dateFromMs?: number): void {
  const { response, record } = call;
  record.outcome = record.misbehaviour.length > 0 ? 'misbehaved' : 'refused';
  if (refusal.retryAfterS !== undefined) {
    const wait = dateFromMs === undefined ? String(refusal.retryAfterS) : new Date(dateFromMs + refusal.retryAfterS * 1000).toUTCString();
    response.setHeader('retry-after', wait);
  }
  sendJson(call, refusal.status, call.route.dialect.error(refusal, newId));
}

function sendInstead(call: Call, instead: NonNullable<Conduct['instead']>): void {
  call.record.outcome = 'misbehaved';
  if (instead.body === 'error') {
    const said = call.route.dialect.error({ status: 500, message: 'Internal server error' }, newId);
    return sendJson(call, instead.status, said);
  }
  call.record.status = instead.status;
  call.record.firstByteMs = call.elapsedMs();
  call.response.writeHead(instead.status, { 'content-type': 'text/html; charset=utf-8' }).end(HTML);
}

function sendJson(call: Pick<Call, 'response' | 'record' | 'route' | 'elapsedMs'>, status: number, body: unknown): void {
  const { response, record } = call;
  record.status = status;
  record.firstByteMs = call.elapsedMs();
  if (record.outcome === 'open') record.outcome = 'answered';
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, [requestIdHeader(call.route.dialect)]: newId('req_') }).end(bytes);
}

function refusalOf(refusal: NonNullable<Conduct['refusal']>, dialect: Dialect): Refusal {
  if (refusal.status === 401 && refusal.message === undefined) return dialect.badCredential;
  const { retryAfterS } = refusal;
  return {
    status: refusal.status,
    message: refusal.message ?? WORDS[refusal.status] ?? 'Simulated failure of the practice upstream.',
    ...(retryAfterS !== undefined && { retryAfterS }),
  };
}

const WORDS: Readonly<Record<number, string>> = {
  402: 'Your credit balance is too low to access the API.',
  403: 'Your credential does not have permission to use the specified resource.',
  404: 'The requested resource could not be found.',
  413: 'Request exceeds the maximum size',
  429: 'This request would exceed the rate limit of your account.',
  500: 'Internal server error',
  503: 'The service is temporarily unavailable.',
  529: 'Overloaded',
};

function countOf(prompt: Prompt): number {
  const bytes = prompt.segments.reduce((sum, segment) => sum + Buffer.byteLength(segment.text), 0);
  return Math.ceil(bytes / 4);
}

function requestIdHeader(dialect: Dialect): string {
  return dialect.name === 'anthropic-messages' ? 'request-id' : 'x-request-id';
}

function newId(prefix: string): string {
  return `${prefix}${randomBytes(12).toString('hex')}`;
}
