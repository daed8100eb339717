import { newId } from '@fairlead/shared/id.ts';
import type { LeaseAsk, LeaseGrant, LeaseReport } from '@fairlead/shared/lease/lease.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../domain/actor.ts';
import { databaseKinds } from '../testing/test-database.ts';
import { openTestPlane, textAt } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';
import { reportLeases } from './lease-report.ts';
import { requestLease } from './leases.ts';

const limit = 20_000n;
const seeds = [Number(process.env.FAIRLEAD_TEST_SEED ?? 0) || 1, 77, 4242];

/** A small repeatable source of chance (mulberry32). */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Held { grant: LeaseGrant; spent: bigint; final: boolean }
/** A node that keeps the protocol: what it was granted and spent survives its crashes. */
interface ModelNode { actor: Actor; boot: number; reqSeq: number; held: Map<string, Held> }

describe.each(databaseKinds)('a storm of leases on $name', ({ base, missing }) => {
  let t: TestPlane;
  beforeAll(async () => { if (!missing) t = await openTestPlane({ base }); });
  afterAll(async () => { if (!missing) await t.close(); });

  test.skipIf(missing).each(seeds)('loss, repeats, delays and crashes never overspend a budget, lose a nano or strand escrow (seed %i)', async (seed) => {
    const roll = chance(seed);
    const pick = (below: number) => Math.floor(roll() * below);
    const made = await t.asOperator('mutation { keyCreate(input: {name: "storm", budget: {limit: "0.00002", window: TOTAL}}) { key { id } } }');
    const keyId = textAt(made.data, 'keyCreate', 'key', 'id');
    const { domain } = t.plane;
    const nodes = [0, 1, 2].map((): ModelNode => ({ actor: { kind: 'NODE', id: newId('fleetNode'), name: 'n', region: 'r', signPublicKey: '' }, boot: 1, reqSeq: 0, held: new Map() }));
    let late: (() => Promise<unknown>)[] = [];
    let actual = 0n;
    const bootOf = (node: ModelNode) => `bot_${String(node.boot).padStart(4, '0')}`;

    const ask = async (node: ModelNode) => {
      node.reqSeq++;
      const need = BigInt(1 + pick(400));
      const wish: LeaseAsk = { bootId: bootOf(node), reqSeq: node.reqSeq, holderId: keyId, unit: 'USD', needNano: String(need), wantNano: String(need * BigInt(1 + pick(8))) };
      const fate = roll();
      if (fate < 0.15) return;
      if (fate < 0.3) { late.push(() => requestLease(domain, node.actor, wish)); return; }
      const answer = await requestLease(domain, node.actor, wish);
      if (roll() < 0.2) late.push(() => requestLease(domain, node.actor, wish));
      if (roll() < 0.15 || !answer.ok || !answer.value.lease) return;
      node.held.set(answer.value.lease.leaseId, { grant: answer.value.lease, spent: 0n, final: false });
    };
    const report = async (node: ModelNode, reliable = false) => {
      for (const lease of node.held.values()) if (!lease.final && roll() < 0.4) lease.final = true;
      const message: LeaseReport = {
        bootId: bootOf(node), reqSeq: node.reqSeq, complete: true,
        leases: [...node.held.values()].map(({ grant, spent, final }) => ({ leaseId: grant.leaseId, holderId: keyId, unit: 'USD', bootId: grant.bootId, reqSeq: grant.reqSeq, grantedNano: grant.grantedNano, spentNano: String(spent), excessNano: '0', final })),
      };
      const fate = reliable ? 1 : roll();
      if (fate < 0.15) return;
      if (fate < 0.3) { late.push(() => reportLeases(domain, node.actor, message)); return; }
      const answer = await reportLeases(domain, node.actor, message);
      if (!reliable && roll() < 0.2) late.push(() => reportLeases(domain, node.actor, message));
      if ((!reliable && roll() < 0.15) || !answer.ok) return;
      for (const id of answer.value) node.held.delete(id);
    };
    const spend = (node: ModelNode) => {
      for (const lease of node.held.values()) {
        const free = BigInt(lease.grant.grantedNano) - lease.spent;
        if (lease.final || free <= 0n) continue;
        const cost = 1n + BigInt(pick(Number(free)));
        lease.spent += cost;
        actual += cost;
        return;
      }
    };
    const crash = (node: ModelNode) => {
      node.boot++;
      node.reqSeq = 0;
      for (const lease of node.held.values()) lease.final = true;
    };
    const deliverLate = async () => {
      const [message] = late.splice(pick(late.length), 1);
      await message?.();
    };
    const budget = () => domain.db.client.budget.findFirst({ where: { quota: { subjectId: keyId } } });

    // A storm that has moved little money proves little: it goes on until half of the budget is spent.
    for (let step = 0; step < 220 || (actual <= limit / 2n && step < 5_000); step++) {
      const node = nodes[pick(nodes.length)];
      if (!node) continue;
      const what = roll();
      if (what < 0.35) await ask(node);
      else if (what < 0.7) spend(node);
      else if (what < 0.85) await report(node);
      else if (what < 0.9) crash(node);
      else await deliverLate();
      expect(actual <= limit, `overspent at step ${step}`).toBe(true);
      if (step % 20 === 0) {
        const row = await budget();
        if (row) expect(row.spentNano + row.escrowNano <= limit && row.spentNano + row.escrowNano >= actual, `spent ${row.spentNano} + held ${row.escrowNano} beside ${actual} at step ${step}`).toBe(true);
      }
    }
    // The storm is over: what was on its way arrives, every node starts anew and reports until it holds nothing.
    while (late.length > 0) await deliverLate();
    late = [];
    for (const node of nodes) {
      crash(node);
      for (let round = 0; round < 3; round++) await report(node, true);
      expect(node.held.size).toBe(0);
    }
    const row = await budget();
    expect({ spent: row?.spentNano, escrow: row?.escrowNano }).toEqual({ spent: actual, escrow: 0n });
    expect(actual).toBeGreaterThan(limit / 2n);
  });
});
