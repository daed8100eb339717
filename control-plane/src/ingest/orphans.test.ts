import { ulid } from '@fairlead/shared/id.ts';
import { leaseReport, leaseRequest, nodeHeartbeat } from '@fairlead/shared/node-api/operations.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { expect, test } from 'vitest';
import { writeOffRevoked } from '../jobs/write-off.ts';
import { enrollTestNode } from '../testing/test-node.ts';
import { openTestPlane, textAt } from '../testing/test-plane.ts';

async function opened() {
  const clock = new TestClock(Date.UTC(2026, 10, 21));
  const t = await openTestPlane({ clock });
  const node = await enrollTestNode(t);
  const made = await t.asOperator('mutation { keyCreate(input: {name: "k", budget: {limit: "1", window: TOTAL}}) { key { id } } }');
  const keyId = textAt(made.data, 'keyCreate', 'key', 'id');
  return {
    t, clock, node,
    beat: (bootId: string) => node.call(nodeHeartbeat, { bootId, appliedRevision: 1, secretEpoch: 0, runtime: 'test', build: '0', spool: { events: 0, bytes: 0, oldestMs: 0, refusing: false } }),
    ask: (bootId: string, reqSeq = 1) => node.call(leaseRequest, { bootId, reqSeq, keyId, needNano: '1000', wantNano: '1000' }),
    nothingHeld: (bootId: string, reqSeq = 1) => node.call(leaseReport, { bootId, reqSeq, complete: true, leases: [] }),
    escrow: async () => (await t.plane.domain.db.client.budget.findFirstOrThrow({ where: { quota: { subjectId: keyId } } })).escrowNano,
  };
}

test('a slice granted before a restart is freed by the next start, also when the node\'s clock was set back in between', async () => {
  const { t, clock, beat, ask, nothingHeld, escrow } = await opened();
  try {
    const before = `bot_${ulid(clock.now())}`;
    const after = `bot_${ulid(clock.now() - 3_600_000)}`;
    await beat(before);
    await ask(before);
    await beat(after);
    await nothingHeld(after);
    // Until here it could be a list from before the slice that was on its way for long.
    expect(await escrow()).toBe(1000n);
    clock.advance(600_001);
    await beat(after);
    await nothingHeld(after, 2);
    expect(await escrow()).toBe(0n);
  } finally {
    await t.close();
  }
});

test('a list of a start of which no heartbeat was heard frees nothing of the one before; the next one does', async () => {
  const { t, clock, beat, ask, nothingHeld, escrow } = await opened();
  try {
    const before = `bot_${ulid(clock.now())}`;
    const after = `bot_${ulid(clock.now() + 1)}`;
    await beat(before);
    await ask(before);
    await nothingHeld(after);
    expect(await escrow()).toBe(1000n);
    await beat(after);
    await nothingHeld(after, 2);
    expect(await escrow()).toBe(0n);
  } finally {
    await t.close();
  }
});

test('a list of a start that is over frees nothing of the start that followed it, whatever their clocks said', async () => {
  const { t, clock, beat, ask, nothingHeld, escrow } = await opened();
  try {
    const over = `bot_${ulid(clock.now())}`;
    const running = `bot_${ulid(clock.now() - 3_600_000)}`;
    await beat(over);
    await beat(running);
    await ask(running);
    await nothingHeld(over, 9);
    expect(await escrow()).toBe(1000n);
    clock.advance(600_001);
    await nothingHeld(over, 10);
    expect(await escrow()).toBe(1000n);
  } finally {
    await t.close();
  }
});

test('a slice that was granted to a node while it was revoked is written off, once', async () => {
  const { t, node, ask, escrow } = await opened();
  try {
    const { client } = t.plane.domain.db;
    await ask(node.bootId);
    expect(await writeOffRevoked(t.plane.domain)).toBe(0);
    await client.fleetNode.update({ where: { id: node.id }, data: { status: 'REVOKED' } });
    expect([await writeOffRevoked(t.plane.domain), await writeOffRevoked(t.plane.domain)]).toEqual([1, 0]);
    expect(await escrow()).toBe(0n);
    expect((await client.budget.findFirstOrThrow()).spentNano).toBe(1000n);
  } finally {
    await t.close();
  }
});
