import { expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { createMemoryCounters } from '../stores/memory/counters.ts';
import { createLonelyBoard } from '../stores/memory/rest-board.ts';
import type { Rest } from '../stores/stores.ts';
import { createHealth } from './health.ts';
import type { Callee, Health } from './health.ts';

const callee: Callee = { upstream: { id: 'ups_1' }, model: 'm', credential: { id: 'crd_1', version: 1 } };

function open(more: { board?: Parameters<typeof createHealth>[0]['board'] } = {}): { clock: TestClock; health: Health } {
  const clock = new TestClock();
  return { clock, health: createHealth({ clock, counters: createMemoryCounters(), board: more.board ?? createLonelyBoard(), roll: () => 0.5 }) };
}

async function held(health: Health, who: Callee = callee): Promise<string | undefined> {
  const leave = await health.enter(who, false);
  if ('heldBack' in leave) return leave.heldBack;
  leave.ended();
  return undefined;
}

test('a dead upstream is out after five failures in a row, and one call probes it back', async () => {
  const { clock, health } = open();
  for (let at = 0; at < 5; at++) {
    expect(await held(health)).toBeUndefined();
    health.speaksAgainst(callee, 'failed', undefined);
  }
  expect(await held(health)).toBe('its breaker is open: failed');
  clock.advance(2_000);
  const probe = await health.enter(callee, false);
  expect('heldBack' in probe).toBe(false);
  expect(await held(health)).toBe('one call is probing it');
  health.speaksFor(callee);
  expect([await held(health), health.upstream('ups_1', 'M')?.state]).toEqual([undefined, 'CLOSED']);
});

test('with one request a second it is out after two seconds', async () => {
  const { clock, health } = open();
  for (let at = 0; at < 3; at++) { health.speaksAgainst(callee, 'unreachable', undefined); clock.advance(1_000); }
  expect(await held(health)).toBe('its breaker is open: unreachable');
});

test('each failed probe doubles the rest, up to two minutes', async () => {
  const { clock, health } = open();
  for (let at = 0; at < 5; at++) health.speaksAgainst(callee, 'failed', undefined);
  const rests: number[] = [];
  for (let at = 0; at < 9; at++) {
    const state = health.upstream('ups_1', 'm');
    rests.push((state?.untilMs ?? 0) - clock.now());
    clock.advance((state?.untilMs ?? 0) - clock.now());
    await health.enter(callee, false);
    health.speaksAgainst(callee, 'failed', undefined);
  }
  expect(rests).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 120_000, 120_000, 120_000]);
});

test('another model of the same upstream goes on', async () => {
  const { health } = open();
  for (let at = 0; at < 5; at++) health.speaksAgainst(callee, 'overloaded', undefined);
  expect([await held(health), await held(health, { ...callee, model: 'other' })]).toEqual(['its breaker is open: overloaded', undefined]);
});

test('a credential rests as long as the vendor asks, and a new secret has no past', async () => {
  const { clock, health } = open();
  await held(health);
  health.speaksAgainst(callee, 'limited', 90_000);
  clock.advance(89_999);
  expect(await held(health)).toBe('its credential rests: limited');
  expect(await held(health, { ...callee, credential: { id: 'crd_1', version: 2 } })).toBeUndefined();
});

test('a vendor that asks for no wait gets our own, longer each time', async () => {
  const { clock, health } = open();
  await held(health);
  for (const restMs of [2_000, 4_000]) {
    health.speaksAgainst(callee, 'limited', 0);
    clock.advance(restMs - 1);
    expect(await held(health)).toBe('its credential rests: limited');
    clock.advance(1);
    expect(await held(health)).toBeUndefined();
  }
});

test('limits of a credential hold: calls at once, calls a minute', async () => {
  const { health } = open();
  const narrow: Callee = { ...callee, credential: { id: 'crd_2', version: 1, concurrent: 1, requestsPerMinute: 2 } };
  const first = await health.enter(narrow, false);
  expect(await held(health, narrow)).toBe("1 calls at once are its credential's limit");
  if (!('heldBack' in first)) first.ended();
  expect([await held(health, narrow), await held(health, narrow)]).toEqual([undefined, "2 calls a minute are its credential's limit"]);
});

test('what rests here is told to other nodes, and what they tell rests here', async () => {
  const told: Rest[] = [];
  let hear: (rest: Rest) => void = () => undefined;
  const { clock, health } = open({ board: { rest: (rest) => told.push(rest), onRest: (tell) => { hear = tell; }, close: () => Promise.resolve() } });
  for (let at = 0; at < 5; at++) health.speaksAgainst(callee, 'failed', undefined);
  expect(told).toMatchObject([{ what: 'upstream', upstream: 'ups_1', model: 'm', why: 'failed' }]);
  hear({ what: 'upstream', upstream: 'ups_9', model: 'm', why: 'overloaded', untilMs: clock.now() + 5_000 });
  hear({ what: 'credential', id: 'crd_9', why: 'limited', untilMs: clock.now() + 5_000 });
  expect([await held(health, { ...callee, upstream: { id: 'ups_9' } }), await held(health, { ...callee, upstream: { id: 'ups_8' }, credential: { id: 'crd_9', version: 1 } })]).toEqual(['its breaker is open: overloaded', 'its credential rests: limited']);
});

test('prompt-cache hits and times are means in which the newer weighs more', async () => {
  const { health } = open();
  const leave = await health.enter(callee, false);
  if ('heldBack' in leave) throw new Error(leave.heldBack);
  leave.began(100);
  leave.began(200);
  health.cacheSeen(callee, 1_000, 0);
  health.cacheSeen(callee, 1_000, 1_000);
  expect(health.report().upstreams).toMatchObject([{ ttftMs: 120, cacheHitShare: 0.2, inFlight: 1 }]);
});

test('names of models that clients make up are forgotten, also when a vendor fails on each of them', () => {
  const { health } = open();
  const names = Array.from({ length: 21_000 }, (_, at) => `made-up-${at}`);
  for (const model of names) for (let time = 0; time < 5; time++) health.speaksAgainst({ ...callee, model }, 'unreachable', undefined);
  expect(names.filter((model) => health.upstream('ups_1', model) !== undefined).length).toBeLessThanOrEqual(20_000);
  expect(health.upstream('ups_1', 'made-up-20999')?.state).toBe('OPEN');
});

test('made-up names do not crowd what rests or is used out of the report', async () => {
  const { health } = open();
  for (let at = 0; at < 5; at++) health.speaksAgainst({ ...callee, model: 'down' }, 'failed', undefined);
  health.speaksFor({ ...callee, model: 'used' });
  for (let at = 0; at < 2_000; at++) await held(health, { ...callee, model: `made-up-${at}` });
  const { upstreams } = health.report();
  expect([upstreams.length, upstreams[0]?.model, upstreams[1]?.model]).toEqual([500, 'down', 'used']);
});

test('a clock that is set back lengthens no rest', async () => {
  const { clock, health } = open();
  for (let at = 0; at < 5; at++) health.speaksAgainst(callee, 'failed', undefined);
  health.speaksAgainst({ ...callee, upstream: { id: 'ups_2' } }, 'limited', 5_000);
  clock.set(clock.now() - 3_600_000);
  expect([await held(health), await held(health, { ...callee, upstream: { id: 'ups_2' } })]).toEqual(['its credential rests: limited', 'its credential rests: limited']);
  clock.advance(5_000);
  expect([await held(health), await held(health, { ...callee, upstream: { id: 'ups_2' } })]).toEqual([undefined, undefined]);
});

test('no wish of a vendor closes a model off for longer than ten minutes', async () => {
  const { clock, health } = open();
  for (let at = 0; at < 5; at++) health.speaksAgainst(callee, 'overloaded', 1e12);
  clock.advance(600_000);
  expect(await held(health)).toBeUndefined();
});
