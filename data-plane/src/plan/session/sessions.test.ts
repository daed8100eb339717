import { describe, expect, test } from 'vitest';
import { noReading } from '@fairlead/shared/money/charge.ts';
import { viewOf } from '@fairlead/shared/plan/health-report.ts';
import type { UpstreamHealth } from '@fairlead/shared/plan/health-report.ts';
import { health } from '@fairlead/shared/plan/test-plan.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { Candidate } from '../../journey/candidate.ts';
import { createMemoryBindings } from '../../stores/memory/bindings.ts';
import { planFor } from '../plan.ts';
import { survey } from '../survey.ts';
import { inboundOf, principalOf, tableOf } from '../test-ask.ts';
import { createSessions } from './sessions.ts';

type Body = Record<string, unknown>;
const turns = (count: number, first = 'hello'): Body => ({ messages: Array.from({ length: count }, (_, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content: at === 0 ? first : `turn ${at}` })) });
const id = (session: string, more: Record<string, string> = {}) => ({ 'x-claude-code-session-id': session, ...more });

/** A node's planning with its memory of sessions; `ask` begins a request, `end` says where it was served. */
function memory(table = tableOf()) {
  const clock = new TestClock();
  const sessions = createSessions(createMemoryBindings(), clock);
  let number = 0;
  const ask = async (body: Body, headers: Record<string, string> = {}, more: { tenant?: string; ill?: UpstreamHealth[]; path?: string } = {}) => {
    const principal = principalOf(more.tenant);
    const inbound = inboundOf(more.path ?? '/v1/messages', body, headers, `exc_${number++}`);
    const surveyed = survey(inbound, table, principal.tenant);
    const session = await sessions.find({ ask: surveyed, principal, inbound, table });
    const plan = planFor({ principal, ask: surveyed, table }, { canConvert: () => false, health: viewOf({ upstreams: more.ill ?? [], credentials: [] }), nowMs: clock.now(), seed: inbound.exchangeId, binding: session.binding });
    const end = async (at = 0): Promise<string> => {
      const served = plan.candidates[at];
      if (!served) throw new Error('nothing serves');
      await sessions.bound(session, plan, served, { ...noReading, cacheRead: 100, cacheWrite5m: 20 });
      return served.upstream.id;
    };
    return { session, plan, end, first: (plan.candidates[0] satisfies Candidate | undefined)?.upstream.id };
  };
  return { clock, ask };
}
const times = <T>(count: number, make: (at: number) => Promise<T>) => Promise.all(Array.from({ length: count }, (_, at) => make(at)));

test('a session stays by its id, whatever it says', async () => {
  const { ask } = memory();
  const at = await (await ask(turns(1), id('s1'))).end();
  expect(new Set((await times(20, (n) => ask(turns(n + 1, `other ${n}`), id('s1')))).map(({ first }) => first))).toEqual(new Set([at]));
});

test('a session without an id stays by how it begins', async () => {
  const { ask } = memory();
  const at = await (await ask(turns(3))).end();
  expect(new Set((await times(20, () => ask(turns(5)))).map(({ first }) => first))).toEqual(new Set([at]));
  expect(new Set((await times(40, (n) => ask(turns(5, `another ${n}`)))).map(({ first }) => first)).size).toBeGreaterThan(2);
});

test('a session that is resumed under a new id is known by how it begins', async () => {
  const { ask } = memory();
  const at = await (await ask(turns(3), id('old'))).end();
  expect(new Set((await times(20, (n) => ask(turns(5), id(`new${n}`)))).map(({ first }) => first))).toEqual(new Set([at]));
});

test('another tenant, another model and another line of work are not the session', async () => {
  const { ask } = memory();
  await (await ask(turns(1), id('s1'))).end();
  expect((await ask(turns(1), id('s1'), { tenant: 'ten_2' })).session.binding).toBeUndefined();
  expect((await ask({ ...turns(1), model: 'claude-opus' }, id('s1'))).session.binding).toBeUndefined();
  expect((await ask(turns(1, 'sub'), id('s1', { 'x-claude-code-agent-id': 'a' }))).session.binding).toBeUndefined();
});

test('counting binds nothing, and with one upstream nothing is looked up', async () => {
  const { ask } = memory();
  expect((await ask(turns(1), id('s1'), { path: '/v1/messages/count_tokens' })).session.names).toEqual([]);
  const { upstreams } = tableOf();
  expect((await memory(tableOf({ upstreams: upstreams.slice(0, 1) })).ask(turns(1), id('s1'))).session.names).toEqual([]);
});

test('a request that ends late does not overwrite a newer binding', async () => {
  const { ask } = memory();
  await (await ask(turns(1), id('s1'))).end();
  const slow = await ask(turns(3), id('s1'));
  const quick = await ask(turns(3), id('s1'));
  const at = await quick.end(1);
  await slow.end(2);
  expect((await ask(turns(5), id('s1'))).first).toBe(at);
});

test('what was not served whole binds nothing', async () => {
  const { ask } = memory();
  await ask(turns(1), id('s1'));
  expect((await ask(turns(3), id('s1'))).session.binding).toBeUndefined();
});

describe('a failover is remembered until the session is back', () => {
  const sticky = tableOf({ routes: [{ id: 'rte_1', name: 'r', position: 0, models: [], stickySeconds: 3_600, targets: ['a', 'b', 'c'].map((upstream, priority) => ({ upstream, priority, weight: 1 })) }] });
  const ill = [health('a', { state: 'OPEN', why: 'failed' })];

  test('from the upstream it was bound to, and back when it is cold', async () => {
    const { ask, clock } = memory(sticky);
    expect(await (await ask(turns(1), id('s1'))).end()).toBe('a');
    expect(await (await ask(turns(3), id('s1'))).end(1)).toBe('b');
    const warm = await ask(turns(5), id('s1'));
    expect([warm.session.binding, warm.first, await warm.end()]).toMatchObject([{ from: 'a', cacheTokens: 120 }, 'b', 'b']);
    clock.advance(301_000);
    const cold = await ask(turns(7), id('s1'));
    expect([cold.first, await cold.end()]).toEqual(['a', 'a']);
    expect((await ask(turns(9), id('s1'))).session.binding).not.toHaveProperty('from');
  });

  test('also when it began while its home rested, or moved twice', async () => {
    const { ask } = memory(sticky);
    expect(await (await ask(turns(1), id('s1'), { ill })).end()).toBe('b');
    expect((await ask(turns(3), id('s1'))).session.binding).toMatchObject({ upstream: 'b', from: 'a' });
    expect(await (await ask(turns(3), id('s1'), { ill: [...ill, health('b', { state: 'OPEN' })] })).end()).toBe('c');
    expect((await ask(turns(5), id('s1'))).session.binding).toMatchObject({ upstream: 'c', from: 'a' });
  });
});
