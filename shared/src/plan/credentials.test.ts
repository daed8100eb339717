import { expect, test } from 'vitest';
import type { SnapshotCredential } from '../snapshot/snapshot.ts';
import { orderCredentials } from './credentials.ts';
import { viewOf } from './health-report.ts';
import type { CredentialHealth } from './health-report.ts';

const credential = (id: string, more: Partial<SnapshotCredential> = {}): SnapshotCredential => ({ id, version: 1, priority: 0, weight: 1, sealed: 'x', ...more });
const order = (list: SnapshotCredential[], credentials: Partial<CredentialHealth>[], more: { seed?: string; preferred?: string } = {}) =>
  orderCredentials(list, { health: viewOf({ upstreams: [], credentials: credentials.map((row) => ({ credential: '', inFlight: 0, ...row })) }), nowMs: 1_000, seed: 'exc_1', ...more });
const ids = (made: ReturnType<typeof order>) => made.map((each) => each.credential.id);

test('lower priority numbers first, those at their limit after the others, those that rest last, and none is lost', () => {
  const made = order([credential('rests'), credential('spills', { spillAtPercent: 80 }), credential('second', { priority: 2 }), credential('near')], [{ credential: 'rests', untilMs: 1_001, why: 'limited' }, { credential: 'spills', usedShare: 0.8 }, { credential: 'near', usedShare: 0.89 }]);
  expect([ids(made), made.map(({ note }) => note)]).toEqual([['near', 'second', 'spills', 'rests'], [undefined, undefined, 'its credential has used 80 % of its limit', 'its credential rests: limited']]);
});

test('a rest that is over is no rest', () => {
  expect(ids(order([credential('a'), credential('b', { priority: 1 })], [{ credential: 'a', untilMs: 1_000 }]))).toEqual(['a', 'b']);
});

test('a session\'s own credential goes first while it is well, since the prompt cache is its account\'s', () => {
  const list = [credential('a'), credential('own', { priority: 3 })];
  expect(ids(order(list, [], { preferred: 'own' }))).toEqual(['own', 'a']);
  expect(ids(order(list, [{ credential: 'own', usedShare: 0.95 }], { preferred: 'own' }))).toEqual(['a', 'own']);
  expect(ids(order(list, [{ credential: 'own', untilMs: 2_000 }], { preferred: 'own' }))).toEqual(['a', 'own']);
});

test('equals are drawn by weight, and 0 is drawn last', () => {
  const draws = Array.from({ length: 3_000 }, (_, at) => ids(order([credential('heavy', { weight: 4 }), credential('light'), credential('never', { weight: 0 })], [], { seed: `s${at}` })));
  const share = draws.filter(([first]) => first === 'heavy').length / draws.length;
  expect(share).toBeGreaterThan(0.77);
  expect(share).toBeLessThan(0.83);
  expect(draws.every((draw) => draw[2] === 'never')).toBe(true);
});
