// One exchange against scripted upstreams: the real attempt and the real meter, on a test clock.
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { TraceAttempt } from '@fairlead/shared/usage/trace.ts';
import { plainFault, writeFault } from '../../convert/faults.ts';
import type { AttemptEnd } from '../../journey/account.ts';
import type { Ask } from '../../journey/ask.ts';
import type { Candidate } from '../../journey/candidate.ts';
import type { Inbound } from '../../journey/inbound.ts';
import { canPour } from '../../journey/pouring.ts';
import type { Answer } from '../../journey/reply.ts';
import { meter } from '../../meter/meter.ts';
import { createMemoryCounters } from '../../stores/memory/counters.ts';
import { createLonelyBoard } from '../../stores/memory/rest-board.ts';
import { attempt } from '../attempt.ts';
import { consequences } from '../consequences.ts';
import type { ErrorRules } from '../error-rules.ts';
import { createHealth } from '../health.ts';
import { createPresenter } from '../reach/authenticate.ts';
import type { UpstreamAnswer, UpstreamCall } from '../transport/transport.ts';

/** How an upstream behaves on each call. */
export type Behaviour = (call: UpstreamCall, clock: TestClock) => Promise<UpstreamAnswer> | UpstreamAnswer;

/** What a trial asks: a client's dialect, the upstreams' dialect, and how each of them behaves, in order. */
export interface TrialAt { client: DialectName; upstream: DialectName; stream: boolean; behaviours: readonly Behaviour[]; /** As Node's door takes a stream; else as Deno's does. */ poured?: boolean; /** None when left out. */ errorRules?: ErrorRules; /** Whose the upstreams are; the operator's when left out. */ owner?: string }

/** What came of it. */
export interface Trial {
  status: number; headers: Record<string, string>; bytes: string;
  attempts: TraceAttempt[];
  /** Whom failures spoke against, as `u0` or `c0`, once each. */
  blamed: Set<string>;
  /** Accounts that were opened, and how often accounts were settled: the same when each was settled once. */
  opened: number; settled: AttemptEnd[];
  /** How often the grant was closed by the meter, and how the exchange ended. */
  closed: number; outcome: string | undefined;
}

const bodies: Record<DialectName, Record<string, unknown>> = {
  'anthropic-messages': { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] },
  'openai-chat': { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { model: 'm', input: 'hi' },
  'gemini-generate': { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
};

/** Runs one exchange to its end; time passes as fast as everything that waits allows. */
export async function trial({ client, upstream, stream, behaviours, poured = false, errorRules = () => undefined, owner }: TrialAt): Promise<Trial> {
  const clock = new TestClock();
  const roll = () => 0.5;
  const health = createHealth({ clock, counters: createMemoryCounters(), board: createLonelyBoard(), roll });
  const blamed = new Set<string>();
  const speaksAgainst: typeof health.speaksAgainst = (callee, outcome, waitMs) => {
    const { hurts } = consequences[outcome];
    if (hurts !== 'nobody') blamed.add(hurts === 'upstream' ? callee.upstream.id : callee.credential.id);
    health.speaksAgainst(callee, outcome, waitMs);
  };
  const candidates = behaviours.map((_, at): Candidate => ({
    upstream: { id: `u${at}`, name: `U${at}`, baseUrl: `http://127.0.0.${at + 1}`, dialects: [upstream], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [], ...(owner === undefined ? {} : { tenant: owner }) },
    model: 'm', dialect: upstream, priority: 0, weight: 1, reason: '', credential: { id: `c${at}`, version: 1, priority: 0, weight: 1, sealed: 'x' }, price: undefined, outputCap: 10, bounded: false, reserveNano: 0n, tokensMost: 0,
  }));
  const transport = {
    call: async (call: UpstreamCall) => {
      const behaviour = behaviours[Number(call.url.hostname.split('.')[3]) - 1];
      if (!behaviour) throw new Error('no such upstream');
      return behaviour(call, clock);
    },
    close: () => Promise.resolve(),
  };
  const secrets = { epoch: () => 1, offerKeyring: () => Promise.resolve(), open: () => Promise.resolve(new Secret('sk-x-0123456789')) };
  const json = { ...bodies[client], ...(stream && client !== 'gemini-generate' ? { stream: true } : {}) };
  const body = Buffer.from(JSON.stringify(json));
  const signal = new AbortController().signal;
  const ask: Ask = { model: 'm', dialect: client, does: 'generate', metered: true, stream, inputBytes: body.length, maxOutputTokens: 10, answers: 1, reachesBeyond: false, wantsUsageChunk: false, writesCache: false, client: undefined, sessionId: undefined };
  const inbound: Inbound = { exchangeId: 'exc_1', endpoint: { path: '', dialect: client, does: 'generate', meter: 'required' }, headers: new Map(), query: new URLSearchParams(), address: '', body, json, receivedAtMs: clock.now(), signal };
  const attempts: TraceAttempt[] = [];
  const settled: AttemptEnd[] = [];
  let opened = 0;
  let closed = 0;
  let outcome: string | undefined;
  const accounts = { open: () => { opened += 1; return Promise.resolve({ settle: (end: AttemptEnd) => { settled.push(end); } }); } };
  const grant = { reserve: () => Promise.reject(new Error('accounts are given')), close: () => { closed += 1; } };
  const work = async (): Promise<{ answer: Answer; bytes: string }> => {
    let answer: Answer;
    try {
      const plan = { route: undefined, candidates, leftOut: [] };
      const reply = await attempt({ inbound, plan, ask, accounts, attempts, signal }, { transport, presenter: createPresenter({ transport, clock }), secrets, clock, secretEpoch: 1, errorRules, health: { ...health, speaksAgainst }, roll, holdMs: 25_000 });
      answer = meter({ reply, headers: reply.headers, grant, ask, onClosed: (closing) => { outcome = closing.outcome; } }, clock);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      const written = writeFault(client, plainFault(cause), 'exc_1');
      answer = { status: written.status, headers: written.headers, body: Buffer.from(JSON.stringify(written.body)) };
    }
    return { answer, bytes: await textOf(answer, poured) };
  };
  const { answer, bytes } = await untilDone(clock, work());
  return { status: answer.status, headers: answer.headers, bytes, attempts, blamed, opened, settled, closed, outcome };
}

async function textOf({ body }: Answer, poured: boolean): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const pieces: Uint8Array[] = [];
  if (poured && canPour(body)) await body.pour((piece) => { pieces.push(piece); return undefined; });
  else for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Lets time pass until it is done: every wait is over at once, in the order in which they are due. */
async function untilDone<T>(clock: TestClock, work: Promise<T>): Promise<T> {
  let done = false;
  const finished = work.finally(() => { done = true; });
  finished.catch(() => undefined);
  while (!done) {
    await new Promise((go) => setImmediate(go));
    if (!done) clock.advance(500);
  }
  return finished;
}
