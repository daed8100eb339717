import { newId, ulid } from '@fairlead/shared/id.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyUsage } from '../../ingest/apply.ts';
import { holdersOf } from '../../ingest/holders.ts';
import { pruneExchanges } from '../../jobs/prune.ts';
import { databaseKinds } from '../../testing/test-database.ts';
import { at, openTestPlane, textAt, tokenFor } from '../../testing/test-plane.ts';
import type { TestPlane } from '../../testing/test-plane.ts';
import { readCsv } from './csv.ts';

// 23:30 in Berlin, where the next day begins half an hour later.
const start = Date.UTC(2026, 10, 21, 22, 30);
const span = 'from: "2026-11-21T00:00:00Z", to: "2026-11-23T00:00:00Z"';

describe.each(databaseKinds)('billing on $name', ({ base, missing }) => {
  let t: TestPlane;
  let clock: TestClock;
  const red = { tenantId: '', token: '', keyIds: [] as string[] };
  const blue = { tenantId: '', token: '', keyIds: [] as string[] };
  let upstreamId = '';
  let priceId = '';
  const bootId = `bot_${ulid()}`;
  const charges: string[] = [];

  const as = (who: { token: string }, query: string, variables?: Record<string, unknown>) => t.send(query, variables, { authorization: `Bearer ${who.token}` });
  const get = (path: string, token?: string) => t.plane.app.fetch(new Request(`http://127.0.0.1:4400${path}`, { headers: token ? { authorization: `Bearer ${token}` } : {} }));

  beforeAll(async () => {
    if (missing) return;
    clock = new TestClock(start + 7_200_000);
    t = await openTestPlane({ base, clock });
    upstreamId = (await t.plane.domain.db.client.upstream.findFirstOrThrow()).id;
    const price = await t.asOperator('mutation { priceSet(input: {modelName: "m1", input: "3", output: "15", cacheRead: "0.3"}) { price { id } userErrors { message } } }');
    priceId = textAt(price.data, 'priceSet', 'price', 'id');
    for (const [who, name] of [[red, 'red'], [blue, 'blue']] as const) {
      const made = await t.asOperator('mutation($name: String!) { tenantCreate(input: {name: $name}) { tenant { id } owner { id } } }', { name });
      who.tenantId = textAt(made.data, 'tenantCreate', 'tenant', 'id');
      who.token = await tokenFor(t.plane, { id: textAt(made.data, 'tenantCreate', 'owner', 'id'), tenantId: who.tenantId, operator: false });
      for (const tags of [[], ['repo:a', 'ticket:T-1'], ['repo:a']]) who.keyIds.push(textAt((await as(who, 'mutation($tags: [String!]) { keyCreate(input: {name: "k", tags: $tags}) { key { id } } }', { tags })).data, 'keyCreate', 'key', 'id'));
    }
    const eventOf = (who: typeof red, seq: number, minutes: number, change: Partial<UsageEvent> = {}): UsageEvent => {
      const startedAt = start + minutes * 60_000;
      return {
        id: newId('usageEvent', startedAt), exchangeId: newId('exchange', startedAt), attempt: 1, seq, tenantId: who.tenantId, keyId: who.keyIds[seq % 3] ?? '', upstreamId, modelAsked: 'm1', modelUsed: 'm1', region: 'local', startedAt, endedAt: startedAt + 5, outcome: 'OK', httpStatus: 200,
        input: 1_000, output: 100, cacheRead: 1_000, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, priceId, costNano: '4800000', reservedNano: '9000000', excessNano: '0', estimated: false, unpriced: false, revision: 1, ...change,
      };
    };
    // Keys say what requests are for that say nothing themselves; the third of them says it of none.
    const said = [{ sessionId: 'ses-1' }, { repo: 'b', branch: '=main', sessionId: 'ses-1' }, { branch: 'größe' }, { repo: 'a', sessionId: 'ses-1' }];
    const events = [eventOf(red, 1, 0, said[0]), eventOf(red, 2, 40, said[1]), eventOf(red, 3, 100, said[2]), eventOf(blue, 4, 0, said[3]), eventOf(red, 5, 100, { estimated: true, costNano: '9000000', output: 0, excessNano: '50' })];
    charges.push(...events.map((event) => event.id));
    await applyUsage(t.plane.domain, { nodeId: 'nod_x', bootId, ingestId: newId('ingest'), events, poison: [{ seq: 7, reason: 'malformed', body: '{"a":1}' }], holders: await holdersOf(t.plane.domain, events) });
    await as(red, 'mutation { walletCredit(input: {amount: "2", reference: "=cmd()", note: "x,\\"y\\""}) { entry { id } userErrors { message } } }');
  });
  afterAll(async () => { if (!missing) await t.close(); });

  test.skipIf(missing)('costs are added up by period, also by days of a time zone, and by dimension', async () => {
    const report = async (input: string) => (await as(red, `{ billing { report(input: {${span}, ${input}}) { rows { at by { value } sums { requests cost { amount } } } totals { requests cost { amount } excess { amount } estimated } } } }`)).data;
    expect(at(await report('period: DAY, timeZone: "Europe/Berlin"'), 'billing', 'report', 'rows')).toEqual([
      { at: '2026-11-21T00:00:00.000Z', by: [], sums: { requests: 1, cost: { amount: '0.0048' } } }, { at: '2026-11-21T23:00:00.000Z', by: [], sums: { requests: 3, cost: { amount: '0.0186' } } },
    ]);
    expect(at(await report('period: DAY'), 'billing', 'report', 'rows', 0, 'sums', 'requests')).toBe(2);
    expect(at(await report('period: HOUR, by: [MODEL]'), 'billing', 'report', 'rows')).toHaveLength(3);
    expect(at(await report('period: MONTH'), 'billing', 'report', 'rows')).toHaveLength(1);
    expect(at(await report('by: [TAG]'), 'billing', 'report', 'rows')).toEqual(expect.arrayContaining([{ at: null, by: [{ value: 'repo:a' }], sums: { requests: 3, cost: { amount: '0.0186' } } }, { at: null, by: [{ value: null }], sums: { requests: 1, cost: { amount: '0.0048' } } }]));
    for (const by of ['TENANT', 'MEMBER', 'KEY', 'UPSTREAM', 'CREDENTIAL', 'CAMPAIGN', 'MODEL', 'PAYER', 'REPO', 'BRANCH', 'TICKET', 'SESSION', 'REPO, MODEL']) expect(at(await report(`by: [${by}]`), 'billing', 'report', 'totals'), by).toEqual({ requests: 4, cost: { amount: '0.0234' }, excess: { amount: '0.00000005' }, estimated: 1 });
    const kolkata = await as(red, `{ billing { report(input: {${span}, period: DAY, timeZone: "Asia/Kolkata"}) { totals { requests } } } }`);
    expect(kolkata.errors[0]?.extensions.code).toBe('INVALID');
  });

  test.skipIf(missing)('costs are told apart by what requests were for, as they say or their key does, and only the own', async () => {
    const report = async (input: string, token = red) => {
      const { data } = await as(token, `{ billing { report(input: {${span}, ${input}}) { rows { at by { value } sums { requests cost { amount } } } } } }`);
      const rows = at(data, 'billing', 'report', 'rows');
      return Array.isArray(rows) ? rows.map((row) => [at(row, 'by', 0, 'value'), at(row, 'sums', 'requests'), textAt(row, 'sums', 'cost', 'amount')]) : [];
    };
    expect(await report('by: [REPO]')).toEqual(expect.arrayContaining([['a', 2, '0.0138'], ['b', 1, '0.0048'], [null, 1, '0.0048']]));
    expect(await report('by: [BRANCH]')).toEqual(expect.arrayContaining([['=main', 1, '0.0048'], ['größe', 1, '0.0048'], [null, 2, '0.0138']]));
    expect(await report('by: [TICKET]')).toEqual(expect.arrayContaining([['T-1', 1, '0.0048'], [null, 3, '0.0186']]));
    expect(await report('by: [SESSION]')).toEqual(expect.arrayContaining([['ses-1', 2, '0.0096'], [null, 2, '0.0138']]));
    expect(await report('by: [SESSION]', blue)).toEqual([['ses-1', 1, '0.0048']]);
    // The same charges as in the sums that are kept, to the last column, also by day of a time zone.
    const sums = 'requests inputTokens outputTokens cacheReadTokens cacheWriteTokens cost { amount } excess { amount } estimated estimatedCost { amount } unpriced';
    const all = async (input: string) => at((await as(red, `{ billing { report(input: {${span}, ${input}, period: DAY, timeZone: "Europe/Berlin"}) { rows { at sums { ${sums} } } totals { ${sums} } } } }`)).data, 'billing', 'report');
    const [kept, addedUp] = [await all('by: [KEY]'), await all('by: [KEY, REPO]')];
    expect(at(addedUp, 'totals')).toEqual(at(kept, 'totals'));
    const rowsOf = (report: unknown) => (report as { rows: { at: string }[] }).rows.map((row) => row.at).sort();
    expect([rowsOf(kept).length, rowsOf(addedUp)]).toEqual([3, [...rowsOf(kept), '2026-11-21T23:00:00.000Z'].sort()]);
    expect(at(await all('by: [MODEL], only: {sessionId: "ses-1", repo: "b"}'), 'rows')).toEqual([{ at: '2026-11-21T23:00:00.000Z', sums: { requests: 1, inputTokens: 1000, outputTokens: 100, cacheReadTokens: 1000, cacheWriteTokens: 0, cost: { amount: '0.0048' }, excess: { amount: '0.00' }, estimated: 0, estimatedCost: { amount: '0.00' }, unpriced: 0 } }]);
    const everybodys = await t.asOperator(`{ billing { report(input: {${span}, by: [SESSION], only: {sessionId: "ses-1"}, allTenants: true}) { rows { sums { requests } } } } }`);
    expect(at(everybodys.data, 'billing', 'report', 'rows')).toEqual([{ sums: { requests: 3 } }]);
    const { data } = await as(red, `query($id: ID!) { billing { explain(id: $id) { repo branch ticket sessionId tags } entries(${span}, only: {sessionId: "ses-1", branch: "=main"}) { rows { id repo branch ticket session } } } }`, { id: charges[0] });
    expect(at(data, 'billing')).toEqual({ explain: { repo: 'a', branch: null, ticket: 'T-1', sessionId: 'ses-1', tags: ['repo:a', 'ticket:T-1'] }, entries: { rows: [{ id: charges[1], repo: 'b', branch: '=main', ticket: '', session: 'ses-1' }] } });
    expect(await (await get('/export/ledger?from=2026-11-21&to=2026-11-23&session=ses-1&repo=b', red.token)).text()).toMatch(new RegExp(`^[^\\n]*,tags,repo,branch,ticket,session,[^\\n]*\\r\\n${charges[1] ?? ''},[^\\n]*,repo:a,b,'=main,,ses-1,[^\\n]*\\r\\n$`));
  });

  test.skipIf(missing)('usage over few periods is added up in the database, over many here, and comes to the same', async () => {
    const usage = async (from: string, groupBy: string) => (await as(red, `{ usage(input: {from: "${from}", to: "2026-11-23T00:00:00Z", groupBy: [${groupBy}]}) { rows { at keyId model requests inputTokens cost { amount } } totals { requests cost { amount } } } }`)).data;
    for (const groupBy of ['HOUR, KEY', 'HOUR, MODEL', 'HOUR']) expect(at(await usage('2026-11-20T00:00:00Z', groupBy), 'usage'), groupBy).toEqual(at(await usage('2026-10-01T00:00:00Z', groupBy), 'usage'));
    expect(at(await usage('2026-11-20T00:00:00Z', 'DAY'), 'usage')).toEqual({
      rows: [{ at: '2026-11-21T00:00:00.000Z', keyId: null, model: null, requests: 2, inputTokens: 2000, cost: { amount: '0.0096' } }, { at: '2026-11-22T00:00:00.000Z', keyId: null, model: null, requests: 2, inputTokens: 2000, cost: { amount: '0.0138' } }], totals: { requests: 4, cost: { amount: '0.0234' } },
    });
  });

  test.skipIf(missing)('a statement leads from its opening to its closing balance, and is the sum of its parts', async () => {
    const { data } = await as(red, '{ billing { statement(input: {account: TENANT, from: "2026-11-22T00:00:00Z", to: "2026-11-23T00:00:00Z"}) { opening { amount } closing { amount } lines { kind requests amount { amount } balance { amount } } } balances { account amount { amount } } } }');
    expect(at(data, 'billing', 'statement')).toEqual({ opening: { amount: '-0.0096' }, closing: { amount: '-0.0234' }, lines: [{ kind: 'CHARGE', requests: 2, amount: { amount: '-0.0138' }, balance: { amount: '-0.0234' } }] });
    expect(at(data, 'billing', 'balances')).toEqual([['EXCESS', '-0.00000005'], ['PAYMENTS', '-2.00'], ['TENANT', '-0.0234'], ['UPSTREAM', '0.02340005'], ['WALLET', '2.00']].map(([account, amount]) => ({ account, amount: { amount } })));
  });

  test.skipIf(missing)('a number is explained down to tokens and price', async () => {
    const { data } = await as(red, 'query($id: ID!) { billing { explain(id: $id) { kind charge { basis agrees total { amount } parts { kind count perMillion { amount } } } cost { amount } price { id } postings { account amount { amount } } } } }', { id: charges[0] });
    expect(at(data, 'billing', 'explain')).toEqual({
      kind: 'CHARGE', charge: {
        basis: 'READING', agrees: true, total: { amount: '0.0048' },
        parts: [{ kind: 'input', count: 1000, perMillion: { amount: '3.00' } }, { kind: 'cache-read', count: 1000, perMillion: { amount: '0.30' } }, { kind: 'output', count: 100, perMillion: { amount: '15.00' } }],
      },
      cost: { amount: '0.0048' }, price: { id: priceId }, postings: [{ account: 'TENANT', amount: { amount: '-0.0048' } }, { account: 'EXCESS', amount: { amount: '0.00' } }, { account: 'UPSTREAM', amount: { amount: '0.0048' } }],
    });
    expect(at((await as(red, 'query($id: ID!) { billing { explain(id: $id) { kind } } }', { id: charges[3] })).data, 'billing', 'explain')).toBeNull();
  });

  test.skipIf(missing)('operators see what is missing: gaps, what was set aside, estimates, and whether the accounts add up', async () => {
    const { data } = await t.asOperator('{ billingCompleteness { gap deadLetters estimated estimatedCost { amount } unpriced balance { amount } journals { events } boots { bootId gap } } usageDeadLetters { reason body seq } }');
    expect(at(data, 'billingCompleteness')).toMatchObject({ gap: 1, deadLetters: 1, estimated: 1, estimatedCost: { amount: '0.009' }, unpriced: 0, balance: { amount: '0.00' }, boots: [{ bootId, gap: 1 }] });
    expect(at(data, 'usageDeadLetters')).toEqual([{ reason: 'malformed', body: '{"a":1}', seq: 7 }]);
    for (const query of ['{ billingCompleteness { gap } }', '{ usageDeadLetters { id } }', 'query { vendorUsageDifferences(input: {upstreamId: "x", content: ""}) { day } }']) expect((await as(red, query)).errors[0]?.extensions.code, query).toBe('MISSING_SCOPE');
  });

  test.skipIf(missing)('a vendor\'s export is compared by day, model and kind', async () => {
    const content = 'date,model,input_tokens,input_cached_tokens,output_tokens\n2026-11-21,m1,6000,3000,300\n2026-11-22,m1,4000,2000,90\n2026-11-22,other,0,0,7\n';
    const { data } = await t.asOperator('query($input: VendorUsageInput!) { vendorUsageDifferences(input: $input) { day model kind ours theirs difference } }', { input: { upstreamId, content } });
    const rows = at(data, 'vendorUsageDifferences');
    expect(rows).toContainEqual({ day: '2026-11-21', model: 'm1', kind: 'INPUT', ours: '3000', theirs: '3000', difference: '0' });
    expect(rows).toContainEqual({ day: '2026-11-22', model: 'm1', kind: 'OUTPUT', ours: '100', theirs: '90', difference: '10' });
    expect(rows).toContainEqual({ day: '2026-11-22', model: 'other', kind: 'OUTPUT', ours: '0', theirs: '7', difference: '-7' });
  });

  test.skipIf(missing)('the export holds every entry of the tenant once and none of others, in CSV and JSON, and pages of GraphQL hold the same', async () => {
    const path = '/export/ledger?from=2026-11-21&to=2026-11-23';
    const response = await get(path, red.token);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    const [head, ...rows] = readCsv(await response.text()) ?? [];
    const column = (name: string) => rows.map((row) => row.cells[head?.cells.indexOf(name) ?? -1]);
    expect(column('id').slice(0, 4)).toEqual([charges[0], charges[1], ...[charges[2], charges[4]].sort()]);
    expect([rows.length, column('amount').reduce((sum, text) => sum + Number(text), 0).toFixed(4), column('reference')[4], column('note')[4]]).toEqual([5, '1.9766', "'=cmd()", 'x,"y"']);
    expect(column('tags')[1]).toBe('repo:a');
    const entries: unknown = await (await get(`${path}&format=json`, red.token)).json();
    expect(Array.isArray(entries) && entries.map((row: { id: string }) => row.id)).toEqual(column('id'));
    const paged: unknown[] = [];
    for (let after: string | null = null; ;) {
      const { data } = await as(red, `query($after: String) { billing { entries(${span}, first: 2, after: $after) { rows { id } end } } }`, { after });
      const page = at(data, 'billing', 'entries', 'rows');
      if (Array.isArray(page)) paged.push(...page.map((row) => textAt(row, 'id')));
      const end = at(data, 'billing', 'entries', 'end');
      if (typeof end !== 'string') break;
      after = end;
    }
    expect(paged).toEqual(column('id'));
    expect((await get(`${path}&tenantId=${blue.tenantId}`, red.token)).status).toBe(404);
    expect((await get(path)).status).toBe(401);
    expect((await get('/export/ledger?from=x&to=2026-11-23', red.token)).status).toBe(400);
  });

  test.skipIf(missing)('a request log that is pruned changes no number of the ledger', async () => {
    const numbers = async () => [
      (await as(red, `{ billing { balances { account amount { amount } } report(input: {${span}, period: HOUR, by: [KEY, MODEL, TAG, SESSION]}) { rows { at by { value } sums { requests cost { amount } } } } statement(input: {account: TENANT, ${span}}) { closing { amount } } } }`)).text,
      (await as(red, `query($id: ID!) { billing { explain(id: $id) { cost { amount } charge { total { amount } } } } usage(input: {${span}, groupBy: [MODEL]}) { totals { cost { amount } } } }`, { id: charges[0] })).text,
      await (await get('/export/ledger?from=2026-11-21&to=2026-11-23', red.token)).text(),
    ];
    const before = await numbers();
    const { client } = t.plane.domain.db;
    expect(await client.exchange.count()).toBe(5);
    expect(await pruneExchanges(t.plane.domain, { keepDays: 90, batch: 2 })).toBe(0);
    clock.advance(91 * 86_400_000);
    expect(await pruneExchanges(t.plane.domain, { keepDays: 90, batch: 2 })).toBe(5);
    expect(await client.exchange.count()).toBe(0);
    // The tokens outlive the clock's leap only when they are made anew.
    red.token = await tokenFor(t.plane, { id: (await client.member.findFirstOrThrow({ where: { tenantId: red.tenantId } })).id, tenantId: red.tenantId, operator: false });
    expect(await numbers()).toEqual(before);
  });
});
