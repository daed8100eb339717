import { expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { createLog } from '../telemetry/log.ts';
import type { ControlLink } from './control-link.ts';
import { follow } from './follow.ts';
import type { Keeper } from './keeper.ts';
import { tableFrom } from './test-table.ts';

/** A control plane that never has news and counts how often it is asked; a long poll answers as it is told. */
async function following(longPoll: 'waits' | 'answers at once' | 'waits once', deaf = false) {
  const clock = new TestClock();
  const stop = new AbortController();
  const asked = { now: 0, long: 0, lost: 0, forgotten: [] as string[], deaf };
  const link: ControlLink = {
    mutate: <T>() => asked.deaf ? Promise.reject(new Error('not now')) : Promise.resolve({ nodeHeartbeat: { serverTime: '', revision: 1, keyring: null, closedLeaseKnown: false, userErrors: [] } } as T),
    fetchPiece: () => Promise.reject(new Error('none')),
    fetchRoot: () => Promise.resolve(undefined),
    fetchHead(_etag, waitSeconds, signal) {
      asked[waitSeconds === 0 ? 'now' : 'long'] += 1;
      if (waitSeconds === 0 || longPoll === 'answers at once') return Promise.resolve('unchanged');
      if (longPoll === 'waits once') return asked.long === 1 ? clock.sleep(waitSeconds * 1_000, signal).then(() => 'unchanged' as const) : Promise.resolve('unchanged');
      return new Promise((_, fail) => signal.addEventListener('abort', () => fail(new Error('stopped')), { once: true }));
    },
    close: () => Promise.resolve(),
  };
  const table = tableFrom({});
  const keeper: Keeper = { table: () => table, held: () => table, offer: () => Promise.resolve('not-newer'), etag: () => '"1.1"', served: () => undefined, close: () => Promise.resolve(), ageMs: () => 0, nack: () => undefined };
  const secrets = { epoch: () => 1, offerKeyring: () => Promise.resolve(), open: () => Promise.reject(new Error('none')) };
  const spool = { events: 0, bytes: 0, oldestMs: 0, refusing: false };
  const followed = follow({ link, keeper, secrets, clock, log: createLog('error', () => undefined), signal: stop.signal, onLost: () => { asked.lost += 1; }, onShutOut: () => undefined, onClosedLease: (id, known) => { if (!known) asked.forgotten.push(id); }, status: () => ({ bootId: 'bot_1', runtime: 'r', build: 'b', spool, closedLeaseId: 'lse_1' }) });
  await followed.started;
  return { clock, asked, followed, stop };
}

const turn = () => new Promise((go) => setImmediate(go));

test('however many unknown keys are tried, one after another or at once, the control plane is asked twice a second', async () => {
  const { clock, asked, followed, stop } = await following('waits');
  const before = asked.now;
  for (let ms = 0; ms < 5_000; ms += 50) {
    void followed.refresh();
    void followed.refresh();
    await turn();
    clock.advance(50);
    await turn();
  }
  expect(asked.now - before).toBeGreaterThan(5);
  expect(asked.now - before).toBeLessThanOrEqual(11);
  stop.abort();
});

test('who asks in the pause gets an answer when it is over', async () => {
  const { clock, followed, stop } = await following('waits');
  await followed.refresh();
  const second = followed.refresh();
  await turn();
  clock.advance(500);
  expect((await second).revision).toBe(1);
  stop.abort();
});

test('a mirror that does not wait is polled once a second, not without a pause', async () => {
  const { clock, asked, stop } = await following('answers at once');
  for (let ms = 0; ms < 10_000; ms += 250) {
    await turn();
    clock.advance(250);
  }
  expect(asked.long).toBeGreaterThan(5);
  expect(asked.long).toBeLessThanOrEqual(12);
  stop.abort();
});

test('a control plane that waited and then answers at once was just started; one that never waits is a mirror', async () => {
  const one = await following('waits once');
  const mirror = await following('answers at once');
  const before = mirror.asked.lost;
  for (let ms = 0; ms < 24_000; ms += 500) {
    for (const { clock } of [one, mirror]) clock.advance(500);
    await turn();
  }
  expect([one.asked.lost, mirror.asked.lost]).toEqual([0, before]);
  for (let ms = 0; ms < 3_000; ms += 500) {
    one.clock.advance(500);
    await turn();
  }
  expect(one.asked.lost).toBeGreaterThan(0);
  for (const { stop } of [one, mirror]) stop.abort();
});

test('a heartbeat that names a closed lease hears whether it is known', async () => {
  const { asked, stop } = await following('waits once');
  expect(asked.forgotten).toEqual(['lse_1']);
  stop.abort();
});

test('it is known from the first heartbeat that was taken', async () => {
  const { asked, followed, stop } = await following('waits', true);
  let known = false;
  void followed.known.then(() => { known = true; });
  followed.beat();
  await turn();
  expect(known).toBe(false);
  asked.deaf = false;
  followed.beat();
  await followed.known;
  stop.abort();
});
