import { newId, ulid } from '@fairlead/shared/id.ts';
import { traceReport, usageReport } from '@fairlead/shared/node-api/operations.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { ExchangeTrace } from '@fairlead/shared/usage/trace.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../testing/test-database.ts';
import { enrollTestNode } from '../testing/test-node.ts';
import type { TestNode } from '../testing/test-node.ts';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';

const start = Date.UTC(2026, 10, 21, 9, 59, 57);

describe.each(databaseKinds)('usage on $name', ({ base, missing }) => {
  let t: TestPlane;
  let node: TestNode;
  let who: { tenantId: string; keyId: string; upstreamId: string };

  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base, clock: new TestClock(start + 60_000) });
    node = await enrollTestNode(t);
    const { client } = t.plane.domain.db;
    const made = await t.asOperator('mutation { keyCreate(input: {name: "k"}) { key { id tenant { id } } } }');
    const upstream = await client.upstream.findFirstOrThrow();
    who = { keyId: textAt(made.data, 'keyCreate', 'key', 'id'), tenantId: textAt(made.data, 'keyCreate', 'key', 'tenant', 'id'), upstreamId: upstream.id };
  });
  afterAll(async () => { if (!missing) await t.close(); });

  const eventOf = (seq: number, change: Partial<UsageEvent> = {}): UsageEvent => ({
    id: newId('usageEvent', start), exchangeId: newId('exchange', start), attempt: 1, seq, ...who, modelAsked: 'm', modelUsed: 'm', region: 'local', startedAt: start + seq * 100, endedAt: start + seq * 100 + 50, outcome: 'OK', httpStatus: 200,
    input: 10, output: seq, cacheRead: 1, cacheWrite5m: 2, cacheWrite1h: 3, reasoning: 0, costNano: String(1_000_000_007 * seq), reservedNano: '0', excessNano: '1', estimated: false, unpriced: false, revision: 1, ...change,
  });
  const report = async (events: unknown[], bootId: string, from: TestNode = node) => {
    const reply = await from.call(usageReport, { batch: await from.sealed('fairlead/usage/1', { batchId: newId('batch'), nodeId: from.id, bootId, events }) });
    if (reply.errors.length > 0) throw new Error(reply.text);
    return reply;
  };
  const ledger = async (bootId: string) => {
    const { client } = t.plane.domain.db;
    const rows = await client.usageEvent.findMany({ where: { bootId } });
    const exchanges = await client.exchange.findMany({ where: { id: { in: rows.map((row) => row.exchangeId) } }, orderBy: { id: 'asc' } });
    return { rows: rows.length, cost: rows.reduce((sum, row) => sum + row.costNano, 0n), exchangeCost: exchanges.reduce((sum, row) => sum + row.costNano, 0n), attempts: exchanges.reduce((sum, row) => sum + row.attempts, 0) };
  };
  const hours = async () => {
    const rows = await t.plane.domain.db.client.costHour.findMany();
    return { requests: rows.reduce((sum, row) => sum + row.requests, 0), cost: rows.reduce((sum, row) => sum + row.costNano, 0n), hours: new Set(rows.map((row) => row.hour.getTime())).size };
  };

  test.skipIf(missing)('an event that comes again, late and from many sides at once is counted once', async () => {
    const bootId = `bot_${ulid()}`;
    const before = await hours();
    const events = Array.from({ length: 60 }, (_, index) => eventOf(index + 1));
    const cost = events.reduce((sum, event) => sum + BigInt(event.costNano), 0n);
    const batches = [events.slice(40), events.slice(0, 25), events.slice(20, 45), events.slice(40), events, [...events].reverse()];
    await Promise.all(batches.map((batch) => report(batch, bootId)));
    const last = await report(events.slice(10, 20), bootId);
    expect(at(last.data, 'usageReport', 'ackedSeq')).toBe(60);
    expect(await ledger(bootId)).toEqual({ rows: 60, cost, exchangeCost: cost, attempts: 60 });
    const after = await hours();
    expect([after.requests - before.requests, after.cost - before.cost]).toEqual([60, cost]);
    // The events lie on both sides of a full hour.
    expect(after.hours).toBe(2);
  });

  test.skipIf(missing)('a gap holds the watermark back and is visible until it is filled', async () => {
    const bootId = `bot_${ulid()}`;
    const events = [1, 2, 3, 4, 5].map((seq) => eventOf(seq));
    expect(at((await report([events[0], events[1], events[4]], bootId)).data, 'usageReport', 'ackedSeq')).toBe(2);
    const audit = async () => (await t.asOperator('{ usageAudit { bootId ackedSeq maxSeq gap } }')).data;
    expect(at(await audit(), 'usageAudit')).toContainEqual({ bootId, ackedSeq: 2, maxSeq: 5, gap: 2 });
    expect(at((await report([events[2], events[3]], bootId)).data, 'usageReport', 'ackedSeq')).toBe(5);
    expect(at(await audit(), 'usageAudit')).toContainEqual({ bootId, ackedSeq: 5, maxSeq: 5, gap: 0 });
  });

  test.skipIf(missing)('poison is set aside whole, acknowledged, and does not stop what stands beside it', async () => {
    const bootId = `bot_${ulid()}`;
    const good = eventOf(1);
    const reply = await report([good, { ...eventOf(2), costNano: '1.5' }, { ...eventOf(3), keyId: newId('key') }, { ...eventOf(4), endedAt: 1 }, 'nonsense', eventOf(5)], bootId);
    expect(at(reply.data, 'usageReport', 'ackedSeq')).toBe(5);
    const codes = at(reply.data, 'usageReport', 'rejected');
    expect(JSON.stringify(codes)).toContain('not-an-amount');
    expect(JSON.stringify(codes)).toContain('unknown-key');
    expect(JSON.stringify(codes)).toContain('times-reversed');
    expect((await ledger(bootId)).rows).toBe(2);
    expect(await t.plane.domain.db.client.usageDeadLetter.count({ where: { bootId } })).toBe(4);
    // Another event under a number that is taken is no repeat.
    const clone = await report([eventOf(6), { ...eventOf(7), id: good.id }], bootId);
    expect(at(clone.data, 'usageReport', 'rejected')).toEqual([{ seq: 7, code: 'seq-reused' }]);
    expect((await ledger(bootId)).rows).toBe(3);
  });

  test.skipIf(missing)('values that a database cannot store never hold up the events beside them', async () => {
    const bootId = `bot_${ulid()}`;
    const far = { startedAt: 9e15, endedAt: 9_007_199_254_740_991 };
    const events = [eventOf(1), eventOf(2, far), eventOf(3, { region: 'a\0b' }), eventOf(4, { startedAt: 0, endedAt: 0 }), eventOf(5, { input: 9e15 }), eventOf(6, { costNano: '9'.repeat(18) }), eventOf(7, { leaseId: 'lse_\0' }), eventOf(8, { modelAsked: 'a\0b', modelUsed: '\0' }), eventOf(9, { modelAsked: 'a\ud800', modelUsed: '\udc00b', sessionId: 'a\0b\ud800', repo: '\0' })];
    const reply = await report(events, bootId);
    expect(at(reply.data, 'usageReport', 'ackedSeq')).toBe(9);
    // What a client may have written into the name of a model is counted, whatever it is.
    expect((await ledger(bootId)).rows).toBe(3);
    expect(await t.plane.domain.db.client.usageDeadLetter.count({ where: { bootId } })).toBe(6);
  });

  test.skipIf(missing)('an event names its own key\'s tenant and its own node\'s exchange, or changes nothing of others', async () => {
    const bootId = `bot_${ulid()}`;
    const made = await t.asOperator('mutation { tenantCreate(input: {name: "Elsewhere"}) { tenant { id } } }');
    const elsewhere = textAt(made.data, 'tenantCreate', 'tenant', 'id');
    const foreign = await report([eventOf(1, { tenantId: elsewhere })], bootId);
    expect(at(foreign.data, 'usageReport', 'rejected')).toEqual([{ seq: 1, code: 'unknown-key' }]);
    const victim = eventOf(2);
    await report([victim], bootId);
    const other = await enrollTestNode(t, 'liar');
    await report([eventOf(1, { exchangeId: victim.exchangeId })], bootId, other);
    const { costNano, attempts } = await t.plane.domain.db.client.exchange.findUniqueOrThrow({ where: { id: victim.exchangeId } });
    expect([costNano, attempts]).toEqual([BigInt(victim.costNano), 1]);
  });

  test.skipIf(missing)('a batch that another node signed, or that names one, is refused', async () => {
    const other = await enrollTestNode(t, 'other');
    const foreign = await other.sealed('fairlead/usage/1', { batchId: 'b', nodeId: other.id, bootId: 'bot_x', events: [] });
    expect(at((await node.call(usageReport, { batch: foreign })).data, 'usageReport', 'userErrors', 0, 'code')).toBe('INVALID');
    const named = await node.sealed('fairlead/usage/1', { batchId: 'b', nodeId: other.id, bootId: 'bot_x', events: [] });
    expect(at((await node.call(usageReport, { batch: named })).data, 'usageReport', 'userErrors', 0, 'code')).toBe('INVALID');
    const trace = await node.sealed('fairlead/traces/1', { batchId: 'b', nodeId: node.id, bootId: 'bot_x', events: [] });
    expect(at((await node.call(usageReport, { batch: trace })).data, 'usageReport', 'userErrors', 0, 'code')).toBe('INVALID');
  });

  test.skipIf(missing)('a trace tells the story and never touches the money, whichever comes first', async () => {
    const bootId = `bot_${ulid()}`;
    const traceOf = (exchangeId: string): ExchangeTrace => ({
      exchangeId, tenantId: who.tenantId, keyId: who.keyId, startedAt: start, endedAt: start + 900, dialect: 'anthropic-messages', model: 'asked', stream: true, status: 200, outcome: 'OK', ttftMs: 12, client: 'claude-code', revision: 3, route: 'home',
      candidates: [{ upstreamId: who.upstreamId, upstream: 'Practice', model: 'm', chosen: true, reason: 'serves the model' }],
      attempts: [{ attempt: 1, upstreamId: who.upstreamId, upstream: 'Practice', model: 'm', dialect: 'anthropic-messages', outcome: 'ok', status: 200, startedAt: start, durationMs: 800 }],
    });
    const sendTrace = async (exchangeId: string) => node.call(traceReport, { batch: await node.sealed('fairlead/traces/1', { nodeId: node.id, bootId, traces: [traceOf(exchangeId)], refusals: [], dropped: 0 }) });
    const usageFirst = eventOf(1);
    const traceFirst = eventOf(2);
    await report([usageFirst], bootId);
    expect(at((await sendTrace(usageFirst.exchangeId)).data, 'traceReport', 'accepted')).toBe(1);
    await sendTrace(traceFirst.exchangeId);
    await report([traceFirst], bootId);
    await sendTrace(traceFirst.exchangeId);
    for (const event of [usageFirst, traceFirst]) {
      const reply = await t.asOperator('query($id: ID!) { exchange(id: $id) { model client outcome stream cost { amount } charges { cost { amount } upstream { name } } decision { route candidates { chosen reason } attempts { outcome durationMs } } upstream { name } key { name } } }', { id: event.exchangeId });
      const amount = { amount: event.seq === 1 ? '1.000000007' : '2.000000014' };
      expect(at(reply.data, 'exchange')).toMatchObject({ model: 'asked', client: 'claude-code', outcome: 'OK', stream: true, cost: amount, charges: [{ cost: amount, upstream: { name: 'Practice' } }], decision: { route: 'home', candidates: [{ chosen: true }], attempts: [{ outcome: 'ok', durationMs: 800 }] }, key: { name: 'k' } });
    }
  });

  test.skipIf(missing)('a trace with odd texts and numbers is stored or left out, and never stops the others', async () => {
    const traceOf = (change: Record<string, unknown>) => ({
      exchangeId: newId('exchange', start), tenantId: who.tenantId, keyId: who.keyId, startedAt: start, endedAt: start + 900, dialect: 'openai-chat', model: 'm', stream: false, status: 200, outcome: 'OK', revision: 3, candidates: [], attempts: [], ...change,
    });
    // A half of a pair of surrogates, as a client writes it into a name or a cut leaves it behind, is no text for JSON columns.
    const odd = [traceOf({ model: 'a\0b', sessionId: '\0', candidates: [{ upstreamId: 'u', upstream: 'P', model: 'a\0b', chosen: true, reason: '\0' }] }), traceOf({ status: 9e15 }), traceOf({ ttftMs: 9e15, startedAt: 1e11, endedAt: 3e12 }), traceOf({ keyId: 'key_\0' }), traceOf({}), traceOf({ model: 'a\ud800', client: '\udc00', attempts: [{ attempt: 1, upstreamId: 'u', upstream: 'P', model: '\ud800', dialect: 'openai-chat', outcome: 'failed', startedAt: start, durationMs: 1, detail: '\ud83d' }] }), traceOf({ ask: { dialect: 'openai-chat', model: 'm', does: 'generate', session: `${'x'.repeat(199)}😀`, body: { 'a\ud800': 'b\0' } } })];
    const reply = await node.call(traceReport, { batch: await node.sealed('fairlead/traces/1', { nodeId: node.id, bootId: 'bot_odd', traces: odd, refusals: [], dropped: 0 }) });
    expect(at(reply.data, 'traceReport', 'accepted')).toBe(5);
  });

  test.skipIf(missing)('a batch of traces is stored trace by trace: an exchange told twice is told once, another node\'s is left alone', async () => {
    const other = await enrollTestNode(t, 'teller');
    const [mine, told] = [eventOf(1), eventOf(2)];
    await report([mine, told], `bot_${ulid()}`);
    const traceOf = (exchangeId: string, model: string) => ({ exchangeId, tenantId: who.tenantId, keyId: who.keyId, startedAt: start, endedAt: start + 900, dialect: 'openai-chat', model, stream: false, status: 200, outcome: 'OK', revision: 3, candidates: [], attempts: [] });
    const send = async (from: TestNode, traces: object[]) => at((await from.call(traceReport, { batch: await from.sealed('fairlead/traces/1', { nodeId: from.id, bootId: 'bot_t', traces, refusals: [], dropped: 0 }) })).data, 'traceReport', 'accepted');
    const alone = newId('exchange', start);
    expect(await send(other, [traceOf(mine.exchangeId, 'foreign'), traceOf(alone, 'own')])).toBe(1);
    const many = Array.from({ length: 230 }, () => traceOf(newId('exchange', start), 'many'));
    expect(await send(node, [traceOf(told.exchangeId, 'early'), ...many, traceOf(told.exchangeId, 'late'), traceOf(alone, 'foreign')])).toBe(231);
    const models = async (...ids: string[]) => (await t.plane.domain.db.client.exchange.findMany({ where: { id: { in: ids } }, orderBy: { model: 'asc' } })).map((row) => row.model);
    expect(await models(mine.exchangeId, told.exchangeId, alone)).toEqual(['late', 'm', 'own']);
  });

  test.skipIf(missing)('an exchange of several attempts reads the same, whichever is reported first', async () => {
    const { client } = t.plane.domain.db;
    const read = async (order: number[]) => {
      const exchangeId = newId('exchange', start);
      const events = [
        eventOf(1, { exchangeId, attempt: 1, outcome: 'FAILED', httpStatus: 529, costNano: '5', startedAt: start, endedAt: start + 100 }),
        eventOf(2, { exchangeId, attempt: 2, outcome: 'OK', httpStatus: 200, modelUsed: 'other', costNano: '7', startedAt: start + 100, endedAt: start + 300, estimated: true }),
      ];
      const bootId = `bot_${ulid()}`;
      for (const index of order) await report(index < 0 ? events : [events[index]], bootId);
      const { id, nodeId, ...row } = await client.exchange.findUniqueOrThrow({ where: { id: exchangeId } });
      return [row, id === exchangeId, nodeId === node.id];
    };
    const wanted = await read([0, 1]);
    expect(wanted[0]).toMatchObject({ attempts: 2, costNano: 12n, outcome: 'OK', status: 200, upstreamModel: 'other', estimated: true, startedAt: new Date(start), endedAt: new Date(start + 300) });
    for (const order of [[1, 0], [-1], [1, 0, 1, 0, -1]]) expect(await read(order)).toEqual(wanted);
  });

  test.skipIf(missing)('what a key used is summed from the ledger', async () => {
    const sums = await hours();
    const reply = await t.asOperator('query($input: UsageInput!) { usage(input: $input) { totals { requests } rows { model keyId requests cost { amount } } } }', { input: { from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z', groupBy: ['KEY', 'DAY'] } });
    expect(at(reply.data, 'usage', 'totals', 'requests')).toBe(sums.requests);
    expect(at(reply.data, 'usage', 'rows')).toMatchObject([{ model: null, keyId: who.keyId, requests: sums.requests }]);
    const lastUsed = async () => (await t.plane.domain.db.client.key.findUniqueOrThrow({ where: { id: who.keyId } })).lastUsedAt?.getTime();
    expect(await lastUsed()).toBe(start + 60 * 100 + 50);
    // A clock that is years ahead does not make it look used in the future.
    await report([eventOf(1, { startedAt: start + 1e11, endedAt: start + 1e11 })], `bot_${ulid()}`);
    expect(await lastUsed()).toBe(t.plane.domain.clock.now());
  });
});
