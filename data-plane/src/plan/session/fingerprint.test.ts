import { describe, expect, test } from 'vitest';
import { beginningOf, fingerprintsOf } from './fingerprint.ts';

type Body = Record<string, unknown>;
const user = (text: string, more: Body = {}) => ({ role: 'user', content: [{ type: 'text', text, ...more }] });
const body = (turns: number, more: Body = {}): Body => ({ system: [{ type: 'text', text: 'You are an agent.' }], tools: [{ name: 'Bash', description: 'runs' }], messages: Array.from({ length: turns }, (_, at) => user(`turn ${at}`)), ...more });
const prints = (json: Body, scope = 'ten_1|m') => fingerprintsOf(scope, 'anthropic-messages', json);
const known = (before: Body, now: Body) => prints(now).find((print) => prints(before).includes(print));

test('the next turn is known by the whole of the last one, the longest beginning first', () => {
  const [last] = prints(body(5));
  expect(known(body(5), body(7))).toBe(last);
  expect(prints(body(7)).indexOf(last ?? '')).toBe(2);
});

test('eight boundaries are named, so a turn may add that many messages', () => {
  expect(prints(body(20))).toHaveLength(8);
  expect(known(body(5), body(12))).toBeDefined();
  expect(known(body(5), body(13))).toBeUndefined();
});

test('system and tools alone name nothing', () => {
  expect(prints(body(0))).toEqual([]);
  expect(known(body(1), body(1, { messages: [user('another')] }))).toBeUndefined();
});

describe('what changes between turns does not count', () => {
  test.each<[string, Body, Body]>([
    ['a moved cache mark', { messages: [user('a', { cache_control: { type: 'ephemeral' } })] }, { messages: [user('a'), user('b', { cache_control: { type: 'ephemeral' } })] }],
    ['ids of calls', { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { c: 'ls' } }] }] }, { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_2', name: 'Bash', input: { c: 'ls' } }] }] }],
    ['signatures', { messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 't', signature: 'abc' }] }] }, { messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 't', signature: '' }] }] }],
    ['the billing line', { system: [{ type: 'text', text: 'x-anthropic-billing-header: cc_version=1.abc;' }, { type: 'text', text: 'S' }] }, { system: [{ type: 'text', text: 'x-anthropic-billing-header: cc_version=2.def;' }, { type: 'text', text: 'S' }] }],
  ])('%s', (_what, before, now) => { expect(known(body(1, before), body(1, now))).toBeDefined(); });
});

test('what is said, by whom, with which tools and under which system counts', () => {
  const base = body(3);
  for (const other of [{ messages: [user('turn 0'), user('turn 1'), user('turn 2!')] }, { messages: [user('turn 0'), user('turn 1'), { ...user('turn 2'), role: 'assistant' }] }]) expect(prints(body(3, other))[0]).not.toBe(prints(base)[0]);
  for (const other of [{ tools: [{ name: 'Read', description: 'runs' }] }, { system: 'Another.' }]) expect(known(base, body(3, other))).toBeUndefined();
});

test('tenants, models and dialects never share a name', () => {
  const all = [...prints(body(3)), ...prints(body(3), 'ten_2|m'), ...prints(body(3), 'ten_1|n'), ...fingerprintsOf('ten_1|m', 'openai-chat', body(3))];
  expect(new Set(all).size).toBe(all.length);
});

test('every dialect\'s conversations are known again', () => {
  const parts = (count: number) => Array.from({ length: count }, (_, at) => ({ role: 'user', parts: [{ text: `t${at}` }] }));
  const items = (count: number) => Array.from({ length: count }, (_, at) => ({ type: 'message', id: `msg_${Math.random()}`, content: [{ type: 'input_text', text: `t${at}` }] }));
  expect(fingerprintsOf('s', 'gemini-generate', { contents: parts(5) })).toContain(fingerprintsOf('s', 'gemini-generate', { contents: parts(3) })[0]);
  expect(fingerprintsOf('s', 'openai-responses', { input: items(5) })).toContain(fingerprintsOf('s', 'openai-responses', { input: items(3) })[0]);
  expect(fingerprintsOf('s', 'openai-responses', { input: 'just a text' })).toEqual([]);
});

test('a deep or strange body ends', () => {
  let deep: unknown = 'x';
  for (let at = 0; at < 5_000; at++) deep = [deep];
  expect(fingerprintsOf('s', 'anthropic-messages', { messages: [deep, null, 1, 'text', { a: undefined }] })).toHaveLength(5);
});

test('a conversation without an id has one name from its first turn to its last, whatever is asked with it', () => {
  const named = (dialect: Parameters<typeof beginningOf>[0], json: Body) => beginningOf(dialect, json);
  expect(named('anthropic-messages', body(20, { system: 'Give it a title.' }))).toBe(named('anthropic-messages', body(1)));
  const chat = (first: string, turns: number) => named('openai-chat', { messages: [{ role: 'system', content: `It is turn ${turns}.` }, { role: 'user', content: first }, ...Array.from({ length: turns }, () => ({ role: 'assistant', content: 'x' }))] });
  expect(chat('a', 9)).toBe(chat('a', 0));
  expect(chat('a', 0)).not.toBe(chat('b', 0));
  expect(named('openai-responses', { input: 'just a text' })).not.toBe(named('openai-responses', { input: 'another' }));
  expect(named('gemini-generate', {})).toBe(named('gemini-generate', { contents: [] }));
});
