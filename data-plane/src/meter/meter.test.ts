import { expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import { withLeaving } from '../journey/leaving.ts';
import type { AttemptEnd } from '../journey/account.ts';
import { canPour } from '../journey/pouring.ts';
import type { Pour } from '../journey/pouring.ts';
import { meter } from './meter.ts';

const ask: Ask = { model: 'm', dialect: 'openai-chat', does: 'generate', metered: true, stream: true, inputBytes: 40, maxOutputTokens: 10, answers: 1, reachesBeyond: false, wantsUsageChunk: false, writesCache: false, client: undefined, sessionId: undefined };
const upstream = { id: 'ups_1', name: 'U', baseUrl: 'http://127.0.0.1', dialects: ['openai-chat' as const], auth: 'BEARER' as const, priority: 0, weight: 1, status: 'ACTIVE' as const, credentials: [] };
const candidate: Candidate = { upstream, model: 'm', dialect: 'openai-chat', priority: 0, weight: 1, reason: '', credential: { id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x' }, price: undefined, outputCap: 10, bounded: true, reserveNano: 0n, tokensMost: 0 };

function metered(body: AsyncIterable<Uint8Array>, settle: (end: AttemptEnd) => void | Promise<void> = () => undefined) {
  const told: string[] = [];
  const reply = {
    status: 200, headers: {}, body, candidate, account: { settle: (end: AttemptEnd) => { told.push(`settled ${end.outcome}`); return settle(end); } }, attempts: [], firstContentAtMs: 1,
    watch: { reading: () => undefined, contentBytes: () => 8 }, ended: () => ({ outcome: 'OK' as const }),
  };
  const grant = { reserve: () => Promise.reject(new Error('not asked')), close: () => { told.push('freed'); } };
  const answer = meter({ reply, headers: {}, grant, ask, onClosed: ({ outcome }) => { told.push(`closed ${outcome}`); } }, new TestClock());
  if (answer.body instanceof Uint8Array) throw new Error('a stream was expected');
  const { body: out } = answer;
  return { told, source: out[Symbol.asyncIterator](), poured: { pour: (to: Pour) => (canPour(out) ? out.pour(to) : Promise.reject(new Error('it cannot be poured'))) } };
}

/** Three pieces; notes when its upstream is told to stop. */
function pieces(stopped: string[]): AsyncIterable<Uint8Array> {
  async function* all() { for (let at = 0; at < 3; at++) yield Uint8Array.of(at); }
  return withLeaving(all(), () => stopped.push('upstream stopped'));
}

test.each([0, 1, 2, 3])('a client that leaves after %i pieces settles, frees and stops the upstream, each once', async (count) => {
  const stopped: string[] = [];
  const { told, source } = metered(pieces(stopped));
  for (let at = 0; at < count; at++) await source.next();
  await source.return?.();
  await source.return?.();
  expect(told).toEqual(['settled ABORTED', 'freed', 'closed ABORTED']);
  expect(new Set(stopped)).toEqual(new Set(['upstream stopped']));
});

test('a client that leaves while the upstream is silent does not wait for its next byte', async () => {
  const stopped: string[] = [];
  async function* silent(): AsyncGenerator<Uint8Array> { yield Uint8Array.of(1); await new Promise(() => undefined); }
  const { told, source } = metered(withLeaving(silent(), () => stopped.push('upstream stopped')));
  await source.next();
  void source.next();
  void source.return?.();
  expect([told, stopped]).toEqual([['settled ABORTED', 'freed', 'closed ABORTED'], ['upstream stopped']]);
});

test.each([[undefined, 'OK'], [new Error('left'), 'ABORTED']] as const)('a stream that is poured and ends with %s is settled once, as %s', async (thrown, outcome) => {
  const body = { ...withLeaving((async function* () { yield Uint8Array.of(1); })(), () => undefined), pour: (to: Pour) => { if (thrown) return Promise.reject(thrown); to(Uint8Array.of(1)); return Promise.resolve(); } };
  const { told, poured } = metered(body);
  await poured.pour(() => undefined).catch(() => undefined);
  expect(told).toEqual([`settled ${outcome}`, 'freed', `closed ${outcome}`]);
});

test('a stream read to its end is settled once as what it was', async () => {
  const { told, source } = metered(pieces([]));
  while ((await source.next()).done !== true) { /* reads on */ }
  expect(told).toEqual(['settled OK', 'freed', 'closed OK']);
});

test('a grant is freed and its end is told, although its settlement throws', async () => {
  const { told, source } = metered(pieces([]), () => { throw new Error('broken'); });
  await expect((async () => { while ((await source.next()).done !== true) { /* reads on */ } })()).rejects.toThrow('broken');
  expect(told).toEqual(['settled OK', 'freed', 'closed OK']);
});

test('the end of a stream leaves when its settlement is in the file', async () => {
  const written = Promise.withResolvers<void>();
  const { source } = metered(pieces([]), () => written.promise);
  for (let at = 0; at < 3; at++) await source.next();
  let over = false;
  const end = source.next().then((step) => { over = step.done === true; });
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(over).toBe(false);
  written.resolve();
  await end;
  expect(over).toBe(true);
});
