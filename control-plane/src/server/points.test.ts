import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../domain/actor.ts';
import { pruneEnded } from '../jobs/prune.ts';
import { databaseKinds } from '../testing/test-database.ts';
import { openTestPlane } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';
import { createPoints } from './points.ts';

const token = (id: string): Actor => ({ kind: 'TOKEN', id, memberId: 'mem_1', tenantId: 'ten_1', role: 'OWNER', operator: false, scopes: ['*'] });

describe.each(databaseKinds)('points on $name', ({ base, missing }) => {
  let t: TestPlane;
  beforeAll(async () => { if (!missing) t = await openTestPlane({ base }); });
  afterAll(() => t?.close());
  const at = (clock: TestClock, limit: number) => createPoints({ db: t.plane.domain.db, clock }, limit);

  test.skipIf(missing)('over any number of control planes no more is taken in a minute than there is, and all of it', async () => {
    const clock = new TestClock();
    const planes = [at(clock, 1_000), at(clock, 1_000), at(clock, 1_000)];
    const taken = await Promise.all(Array.from({ length: 90 }, (_, count) => planes[count % 3]?.take(token('mgt_a'), 13)));
    const sum = taken.reduce((points, one) => points + (one?.allowance.cost ?? 0), 0);
    expect(taken.some((one) => one?.refused)).toBe(true);
    // What is left of a slice that nobody asks for any more stays with its control plane.
    expect(sum).toBeLessThanOrEqual(1_000);
    expect(sum).toBeGreaterThan(1_000 - 3 * 50);
    expect(taken.find((one) => one?.refused)?.allowance).toMatchObject({ limit: 1_000, cost: 0 });
  });

  test.skipIf(missing)('each has its own, and the next minute is a new one', async () => {
    const clock = new TestClock();
    const points = at(clock, 100);
    expect(await points.take(token('mgt_b'), 90)).toMatchObject({ refused: false, allowance: { cost: 90, remaining: 10 } });
    expect(await points.take(token('mgt_b'), 20)).toMatchObject({ refused: true, allowance: { remaining: 10 } });
    expect(await points.take(token('mgt_b'), 10)).toMatchObject({ refused: false, allowance: { remaining: 0 } });
    expect(await points.take(token('mgt_c'), 100)).toMatchObject({ refused: false });
    const refused = await points.take(token('mgt_b'), 1);
    clock.advance((refused?.allowance.resetAt.getTime() ?? 0) - clock.now());
    expect(await points.take(token('mgt_b'), 100)).toMatchObject({ refused: false, allowance: { remaining: 0 } });
  });

  test.skipIf(missing)('a control plane whose clock is behind takes from the same minute; one that was far ahead locks nobody out', async () => {
    const [clock, behind] = [new TestClock(), new TestClock()];
    clock.advance(60_000);
    await at(clock, 100).take(token('mgt_d'), 60);
    expect(await at(behind, 100).take(token('mgt_d'), 50)).toMatchObject({ refused: true });
    expect(await at(behind, 100).take(token('mgt_d'), 40)).toMatchObject({ refused: false });
    clock.advance(3_600_000);
    await at(clock, 100).take(token('mgt_d'), 100);
    expect(await at(behind, 100).take(token('mgt_d'), 100)).toMatchObject({ refused: false });
  });

  test.skipIf(missing)('nodes and anybody are not counted, and what nobody has used for long is forgotten', async () => {
    const { domain } = t.plane;
    const points = createPoints(domain, 100);
    for (const actor of [{ kind: 'PUBLIC', address: '::1' }, { kind: 'SYSTEM' }, { kind: 'NODE', id: 'nod_1', name: 'n', region: 'r', signPublicKey: '' }] satisfies Actor[]) expect(await points.take(actor, 1_000)).toBeUndefined();
    await domain.db.client.apiAllowance.create({ data: { id: 'mgt_old', windowAt: new Date(domain.clock.now() - 40 * 86_400_000), used: 5 } });
    await points.take(token('mgt_new'), 1);
    await pruneEnded(domain);
    expect((await domain.db.client.apiAllowance.findMany({ where: { id: { in: ['mgt_old', 'mgt_new'] } } })).map(({ id }) => id)).toEqual(['mgt_new']);
  });
});
