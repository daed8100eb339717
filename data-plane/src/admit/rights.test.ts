import { expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { SnapshotKey, SnapshotTenant } from '@fairlead/shared/snapshot/snapshot.ts';
import { inboundOf, principalOf, tableOf } from '../plan/test-ask.ts';
import { survey } from '../plan/survey.ts';
import { createMemoryCounters } from '../stores/memory/counters.ts';
import { checkRights } from './rights.ts';

/** What a key and its account with these limits may ask for, again and again. */
function rights(tenant: Partial<SnapshotTenant> = {}) {
  const clock = new TestClock();
  const table = tableOf({ tenants: [{ id: 'ten_1', status: 'ACTIVE', ...tenant }] });
  const parts = { counters: createMemoryCounters(), clock };
  const ask = async (key: Partial<SnapshotKey>, headers: Record<string, string> = {}, path = '/v1/messages') => {
    const principal = principalOf();
    return checkRights({ principal: { ...principal, key: { ...principal.key, ...key } }, ask: survey(inboundOf(path, {}, headers), table, 'ten_1'), table }, parts);
  };
  return { ask, clock };
}
const saying = (text: string): unknown => expect.stringContaining(text);

test('a model must be one of the key\'s and one of the account\'s', async () => {
  await expect(rights().ask({ models: ['gpt-*'] })).rejects.toMatchObject({ code: 'model.not-allowed', say: saying('It may use: gpt-*') });
  await expect(rights({ models: ['gpt-*'] }).ask({ models: ['claude-*'] })).rejects.toMatchObject({ code: 'model.not-allowed', say: saying('The account may use: gpt-*') });
  await rights({ models: ['claude-*'] }).ask({ models: ['*-haiku-*'] });
});

test.each([
  ['Claude Code', { 'x-claude-code-session-id': 's' }, true], ['Codex', { originator: 'codex_cli_rs', 'user-agent': 'codex_cli_rs/0.50' }, false], ['a script', {}, false], ['an SDK', { 'user-agent': 'OpenAI/Python 2.1' }, true],
])('a key for Claude Code and SDKs, used with %s', async (_name, headers, allowed) => {
  const asked = rights().ask({ clients: ['claude-code', '*-sdk'] }, headers);
  if (allowed) await asked;
  else await expect(asked).rejects.toMatchObject({ code: 'client.not-allowed', status: 403, say: saying('It may be used with: claude-code, *-sdk') });
});

test('every level of a pace must hold, and what one took is given back when the next refuses', async () => {
  const { ask, clock } = rights({ requestsPerMinute: 2 });
  const other = () => ask({ id: 'key_2', requestsPerMinute: 9 });
  await other();
  await other();
  for (let count = 0; count < 5; count++) await expect(ask({ requestsPerMinute: 1 })).rejects.toMatchObject({ code: 'pace.exceeded', retryAfterMs: 30_000, say: saying('The account may send 2 requests a minute') });
  clock.advance(30_000);
  const taken = await ask({ requestsPerMinute: 1 });
  expect(taken?.standing(clock.now()).remaining).toBe(0);
  await expect(ask({ requestsPerMinute: 1 })).rejects.toMatchObject({ say: saying('The key may send 1 request a minute'), paces: { requests: { limit: 1, remaining: 0, wholeAtMs: clock.now() + 60_000 } } });
});

test('a client reads how many are left, at the level that has the least left', async () => {
  const { ask, clock } = rights({ requestsPerMinute: 100 });
  const left: (number | undefined)[] = [];
  for (let count = 0; count < 3; count++) left.push((await ask({ requestsPerMinute: 7 }))?.standing(clock.now()).remaining);
  expect(left).toEqual([6, 5, 4]);
});

test('counting tokens is no request that is paced', async () => {
  const { ask } = rights();
  for (let count = 0; count < 3; count++) await ask({ requestsPerMinute: 1 }, {}, '/v1/messages/count_tokens');
});
