import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../../testing/test-database.ts';
import { at, openTestPlane, textAt } from '../../testing/test-plane.ts';
import type { TestPlane } from '../../testing/test-plane.ts';
import { refreshBalances } from './refresh.ts';

const secret = 'sk-vendor-Quagga7-Zebra9';
const minute = 60_000;

describe.each(databaseKinds)('balances on $name', ({ base, missing }) => {
  let t: TestPlane;
  let vendor = '';
  let asked = 0;
  const clock = new TestClock(Date.parse('2026-11-21T00:00:00Z'));
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const say = (status: number, body: unknown) => { answer = (request, response) => void response.writeHead(request.headers.authorization === `Bearer ${secret}` ? status : 401, { 'content-type': 'application/json' }).end(JSON.stringify(body)); };
  const server = createServer((request, response) => { asked += 1; request.resume().on('end', () => { answer(request, response); }); });
  let upstreamId = '';
  let credentialId = '';
  const read = () => refreshBalances(t.plane.domain, new AbortController().signal);
  const balance = async () => at((await t.asOperator('query($id: ID!) { upstream(id: $id) { credentials { balance { state left limit unit resetsAt problem } } } }', { id: upstreamId })).data, 'upstream', 'credentials', 0, 'balance');
  const set = async (input: Record<string, unknown>) => at((await t.asOperator('mutation($input: UpstreamBalanceSetInput!) { upstreamBalanceSet(input: $input) { upstream { balanceSetting { source everyMinutes path } } userErrors { code path } } }', { input: { upstreamId, ...input } })).data, 'upstreamBalanceSet');
  const revision = async () => (await t.plane.domain.db.client.snapshot.findFirstOrThrow({ orderBy: { revision: 'desc' } })).revision;

  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base, clock });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const place = server.address();
    vendor = `http://127.0.0.1:${typeof place === 'object' && place !== null ? place.port : 0}`;
    const made = at((await t.asOperator('mutation($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id credentials { id } } } }', { input: { name: 'Vendor', baseUrl: vendor, dialects: ['openai-chat'], auth: 'BEARER', secret } })).data, 'upstreamCreate', 'upstream');
    upstreamId = textAt(made, 'id');
    credentialId = textAt(made, 'credentials', 0, 'id');
  });
  afterAll(async () => {
    if (missing) return;
    await new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
    await t.close();
  });

  test.skipIf(missing)('nobody asks a vendor of whom nothing says how, and its balance is unknown, not 0', async () => {
    expect(await read()).toBe(0);
    expect([asked, await balance()]).toEqual([0, { state: 'UNKNOWN', left: null, limit: null, unit: null, resetsAt: null, problem: null }]);
  });

  test.skipIf(missing)('a balance is read on schedule, published when it is news, stale when it cannot be read for long', async () => {
    expect(await set({ source: 'OPENROUTER', everyMinutes: 10 })).toEqual({ upstream: { balanceSetting: { source: 'OPENROUTER', everyMinutes: 10, path: null } }, userErrors: [] });
    say(200, { data: { total_credits: 100, total_usage: 12.3456 } });
    const before = await revision();
    expect([await read(), await read()]).toEqual([1, 0]);
    expect(await balance()).toMatchObject({ state: 'OK', left: '87.6544', limit: '100', unit: 'USD', problem: null });
    const told = await revision();
    expect(told).toBeGreaterThan(before);
    // The same two digits are no news.
    clock.advance(10 * minute);
    say(200, { data: { total_credits: 100, total_usage: 12.4 } });
    expect(await read()).toBe(1);
    expect([await balance(), await revision()]).toEqual([expect.objectContaining({ state: 'OK', left: '87.6' }), told]);
    say(500, {});
    clock.advance(10 * minute);
    await read();
    expect(await balance()).toMatchObject({ state: 'OK', left: '87.6', problem: '/v1/credits answered 500.' });
    for (let times = 0; times < 3; times++) { clock.advance(10 * minute); await read(); }
    expect(await balance()).toMatchObject({ state: 'STALE', left: '87.6' });
    // Nodes are told that it may not be believed any more.
    expect(await revision()).toBeGreaterThan(told);
  });

  test.skipIf(missing)('of several processes one reads', async () => {
    say(200, { data: { total_credits: 100, total_usage: 1 } });
    clock.advance(10 * minute);
    const before = asked;
    const tried = await Promise.all([read(), read(), read()]);
    expect([tried.reduce((sum, one) => sum + one, 0), asked - before]).toEqual([1, 1]);
  });

  test.skipIf(missing)('a path of one\'s own, with when it is filled again', async () => {
    expect(await set({ source: 'JSON', path: '/v1/quota?window=week', left: '$.quota.requests_left', resetsAt: '$.quota.resets', unit: 'REQUESTS' })).toMatchObject({ userErrors: [] });
    say(200, { quota: { requests_left: 40, resets: '2026-11-28T00:00:00Z' } });
    await read();
    expect(await balance()).toEqual({ state: 'OK', left: '40', limit: null, unit: 'REQUESTS', resetsAt: '2026-11-28T00:00:00.000Z', problem: null });
  });

  test.skipIf(missing)('what brings nothing is an error with its reason, which holds no secret', async () => {
    await set({ source: 'DEEPSEEK' });
    say(200, { says: secret });
    await read();
    const found = await balance();
    expect(found).toEqual({ state: 'ERROR', left: null, limit: null, unit: null, resetsAt: null, problem: 'There is no number at $.balance_infos[0].total_balance.' });
    expect(t.logLines.join('\n')).not.toContain(secret);
  });

  test.skipIf(missing)('it is read at once when somebody asks, but not again and again', async () => {
    await set({ source: 'DEEPSEEK' });
    say(200, { balance_infos: [{ currency: 'CNY', total_balance: '5' }] });
    const now = async () => at((await t.asOperator('mutation($input: CredentialBalanceRefreshInput!) { credentialBalanceRefresh(input: $input) { credential { balance { left unit } } userErrors { code } } }', { input: { credentialId } })).data, 'credentialBalanceRefresh');
    expect(await now()).toEqual({ credential: { balance: { left: '5', unit: 'CNY' } }, userErrors: [] });
    expect(await now()).toEqual({ credential: null, userErrors: [{ code: 'RATE_LIMITED' }] });
  });

  test.skipIf(missing).each<[Record<string, unknown>, string]>([
    [{ source: 'JSON', left: '$.x', unit: 'USD' }, 'path'], [{ source: 'JSON', path: 'https://elsewhere.example/x', left: '$.x', unit: 'USD' }, 'path'], [{ source: 'JSON', path: '//elsewhere.example/x', left: '$.x', unit: 'USD' }, 'path'],
    [{ source: 'JSON', path: '/x', left: 'x', unit: 'USD' }, 'left'], [{ source: 'JSON', path: '/x', limit: '$.l', unit: 'USD' }, 'left'], [{ source: 'JSON', path: '/x', left: '$.x', unit: 'dollars' }, 'unit'],
    [{ source: 'OPENROUTER', path: '/x' }, 'path'], [{ source: 'OPENROUTER', everyMinutes: 0 }, 'everyMinutes'],
  ])('%j is refused', async (input, path) => {
    expect(at(await set(input), 'userErrors', 0)).toEqual({ code: 'INVALID', path: [path] });
  });
});
