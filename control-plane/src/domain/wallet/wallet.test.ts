import { newId, ulid } from '@fairlead/shared/id.ts';
import { leaseRequest } from '@fairlead/shared/node-api/operations.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyUsage } from '../../ingest/apply.ts';
import { holdersOf } from '../../ingest/holders.ts';
import { databaseKinds } from '../../testing/test-database.ts';
import { enrollTestNode } from '../../testing/test-node.ts';
import type { TestNode } from '../../testing/test-node.ts';
import { at, openTestPlane, textAt, tokenFor } from '../../testing/test-plane.ts';
import type { TestPlane } from '../../testing/test-plane.ts';

const start = Date.UTC(2026, 10, 21, 10);

describe.each(databaseKinds)('wallets on $name', ({ base, missing }) => {
  let t: TestPlane;
  let node: TestNode;
  let reqSeq = 0;

  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base, clock: new TestClock(start) });
    node = await enrollTestNode(t);
  });
  afterAll(async () => { if (!missing) await t.close(); });

  const makeTenant = async (name: string) => {
    const made = await t.asOperator('mutation($name: String!) { tenantCreate(input: {name: $name}) { tenant { id } owner { id } } }', { name });
    const tenantId = textAt(made.data, 'tenantCreate', 'tenant', 'id');
    const token = await tokenFor(t.plane, { id: textAt(made.data, 'tenantCreate', 'owner', 'id'), tenantId, operator: false });
    return { tenantId, as: (query: string, variables?: Record<string, unknown>) => t.send(query, variables, { authorization: `Bearer ${token}` }) };
  };
  const credit = 'mutation($input: WalletCreditInput!) { walletCredit(input: $input) { entry { id amount { amount } } wallet { balance { amount } left { amount } } userErrors { code path } } }';
  const left = async (tenantId: string) => textAt((await t.asOperator('query($id: ID!) { billing(tenantId: $id) { wallet { left { amount } } } }', { id: tenantId })).data, 'billing', 'wallet', 'left', 'amount');
  const lease = async (keyId: string, needNano: string) => (await node.call(leaseRequest, { bootId: node.bootId, reqSeq: ++reqSeq, keyId, needNano, wantNano: needNano })).data;
  const walletKey = async (as: Awaited<ReturnType<typeof makeTenant>>['as']) => textAt((await as('mutation { keyCreate(input: {name: "w", funding: WALLET}) { key { id funding } } }')).data, 'keyCreate', 'key', 'id');

  test.skipIf(missing)('a credit counts once however often and by how many it is sent, and other money under its reference is refused', async () => {
    const { tenantId, as } = await makeTenant('once');
    const send = () => as(credit, { input: { amount: '10', reference: 'invoice 1' } });
    const replies = await Promise.all(Array.from({ length: 6 }, send));
    const ids = new Set(replies.map((reply) => textAt(reply.data, 'walletCredit', 'entry', 'id')));
    expect(ids.size).toBe(1);
    expect(await left(tenantId)).toBe('10.00');
    const other = await as(credit, { input: { amount: '11', reference: 'invoice 1' } });
    expect(at(other.data, 'walletCredit', 'userErrors')).toEqual([{ code: 'TAKEN', path: ['reference'] }]);
    expect(await t.plane.domain.db.client.ledgerPosting.findMany({ where: { tenantId }, orderBy: { account: 'asc' }, select: { account: true, amountNano: true } })).toEqual([{ account: 'PAYMENTS', amountNano: -10_000_000_000n }, { account: 'WALLET', amountNano: 10_000_000_000n }]);
  });

  test.skipIf(missing)('a key with funding WALLET draws from the wallet and never more than is in it; an empty wallet gives nothing', async () => {
    const { tenantId, as } = await makeTenant('draws');
    const keyId = await walletKey(as);
    expect(at(await lease(keyId, '1'), 'leaseRequest', 'denial', 'code')).toBe('quota.spent');
    await as(credit, { input: { amount: '0.000001', reference: 'r' } });
    const granted = await Promise.all(Array.from({ length: 5 }, () => lease(keyId, '300')));
    expect(granted.filter((reply) => at(reply, 'leaseRequest', 'lease') !== null)).toHaveLength(3);
    expect(await left(tenantId)).toBe('0.0000001');
    // What is held cannot be taken out.
    const taken = await t.asOperator('mutation($input: WalletAdjustInput!) { walletAdjust(input: $input) { userErrors { code } } }', { input: { tenantId, amount: '-0.0000002', reference: 'x', note: 'too much' } });
    expect(at(taken.data, 'walletAdjust', 'userErrors', 0, 'code')).toBe('LIMIT');
  });

  test.skipIf(missing)('what a wallet\'s lease covered is charged to the wallet, and falling below the threshold is told once each time', async () => {
    const { tenantId, as } = await makeTenant('told');
    const keyId = await walletKey(as);
    await as(credit, { input: { amount: '0.00001', reference: 'r' } });
    await as('mutation { walletUpdate(input: {lowBelow: "0.000005"}) { wallet { low } userErrors { code } } }');
    const leaseId = textAt(await lease(keyId, '9000'), 'leaseRequest', 'lease', 'leaseId');
    const { client } = t.plane.domain.db;
    const notices = () => client.auditEntry.count({ where: { tenantId, action: 'wallet.low' } });
    const bootId = `bot_${ulid()}`;
    const charge = async (seq: number, costNano: string): Promise<string> => {
      const event: UsageEvent = {
        id: newId('usageEvent', start), exchangeId: newId('exchange', start), attempt: 1, seq, tenantId, keyId, upstreamId: 'ups_x', modelAsked: 'm', modelUsed: 'm', region: 'local', startedAt: start, endedAt: start + 1, outcome: 'OK',
        input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano, reservedNano: costNano, excessNano: '0', estimated: false, unpriced: false, leaseId, revision: 1,
      };
      await applyUsage(t.plane.domain, { nodeId: node.id, bootId, ingestId: newId('ingest'), events: [event], poison: [], holders: await holdersOf(t.plane.domain, [event]) });
      return event.id;
    };
    await charge(1, '4000');
    expect(await notices()).toBe(0);
    const chargeId = await charge(2, '2000');
    await charge(3, '100');
    expect(await notices()).toBe(1);
    await as(credit, { input: { amount: '0.000002', reference: 'more' } });
    await charge(4, '2000');
    expect(await notices()).toBe(2);
    // Refunds of a charge together are never more than it was.
    const refund = (amount: string | null, reference: string) => t.asOperator('mutation($input: WalletRefundInput!) { walletRefund(input: $input) { entry { amount { amount } } userErrors { code } } }', { input: { chargeId, amount, reference } });
    expect(at((await refund('0.0000015', 'a')).data, 'walletRefund', 'entry', 'amount', 'amount')).toBe('0.0000015');
    expect(at((await refund(null, 'b')).data, 'walletRefund', 'userErrors', 0, 'code')).toBe('LIMIT');
    expect(at((await refund('0.0000005', 'c')).data, 'walletRefund', 'entry', 'amount', 'amount')).toBe('0.0000005');
    const statement = await as('{ billing { balances { account amount { amount } } statement(input: {from: "2026-11-21T00:00:00Z", to: "2026-11-22T00:00:00Z"}) { opening { amount } closing { amount } lines { kind amount { amount } balance { amount } } } } }');
    expect(at(statement.data, 'billing', 'statement', 'opening', 'amount')).toBe('0.00');
    expect(at(statement.data, 'billing', 'statement', 'closing', 'amount')).toBe('0.0000059');
    expect(at(statement.data, 'billing', 'balances')).toContainEqual({ account: 'WALLET', amount: { amount: '0.0000059' } });
    expect(JSON.stringify(at(statement.data, 'billing', 'statement', 'lines'))).toContain('"CHARGE","amount":{"amount":"-0.0000081"}');
  });

  test.skipIf(missing)('transfers that cross keep every nano-dollar, and nothing leaves a wallet that is not in it', async () => {
    const [a, b] = [await makeTenant('a'), await makeTenant('b')];
    await a.as(credit, { input: { amount: '5', reference: 'r' } });
    await b.as(credit, { input: { amount: '5', reference: 'r' } });
    const transfer = (from: string, to: string, amount: string, reference: string) => t.asOperator('mutation($input: WalletTransferInput!) { walletTransfer(input: $input) { entries { amount { amount } } userErrors { code path } } }', { input: { fromTenantId: from, toTenantId: to, amount, reference } });
    const done = await Promise.all([1, 2, 3].flatMap((n) => [transfer(a.tenantId, b.tenantId, '2', `there ${n}`), transfer(b.tenantId, a.tenantId, '1.5', `back ${n}`)]));
    const moved = done.map((reply) => at(reply.data, 'walletTransfer', 'entries'));
    const out = moved.filter((entries, index) => Array.isArray(entries) && entries.length === 2 && index % 2 === 0).length, back = moved.filter((entries, index) => Array.isArray(entries) && entries.length === 2 && index % 2 === 1).length;
    expect(Number(await left(a.tenantId))).toBe(5 - 2 * out + 1.5 * back);
    expect(Number(await left(a.tenantId)) + Number(await left(b.tenantId))).toBe(10);
    const much = await transfer(a.tenantId, b.tenantId, '1000', 'all');
    expect(at(much.data, 'walletTransfer')).toEqual({ entries: [], userErrors: [{ code: 'LIMIT', path: ['amount'] }] });
  });

  test.skipIf(missing)('a tenant moves no money of others and gives itself none; its viewers move nothing', async () => {
    const [mine, theirs] = [await makeTenant('mine'), await makeTenant('theirs')];
    expect(at((await mine.as(credit, { input: { tenantId: theirs.tenantId, amount: '1', reference: 'r' } })).data, 'walletCredit', 'userErrors', 0, 'code')).toBe('NOT_FOUND');
    expect((await mine.as(credit, { input: { amount: '1', reference: 'r', kind: 'GRANT' } })).errors[0]?.extensions.code).toBe('MISSING_SCOPE');
    expect((await mine.as('query($id: ID!) { billing(tenantId: $id) { tenantId } }', { id: theirs.tenantId })).errors[0]?.extensions.code).toBe('NOT_FOUND');
    const reader = await mine.as('mutation { managementTokenCreate(input: {name: "r", scopes: ["billing:read"]}) { secret } }');
    const viewer = await t.send(credit, { input: { amount: '1', reference: 'r' } }, { authorization: `Bearer ${textAt(reader.data, 'managementTokenCreate', 'secret')}` });
    expect(viewer.errors[0]?.extensions).toEqual({ code: 'MISSING_SCOPE', missingScopes: ['billing:write'] });
    for (const [amount, code] of [['-1', 'INVALID'], ['0', 'INVALID'], ['1e3', 'INVALID']] as const) expect(at((await mine.as(credit, { input: { amount, reference: 'bad' } })).data, 'walletCredit', 'userErrors', 0), amount).toEqual({ code, path: ['amount'] });
  });
});
