import { describe, expect, it } from 'vitest';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { createToolIds } from './anthropic-messages/tool-ids.ts';
import { convertReply, convertRequest } from './testing/conversions.ts';
import type { Target } from './hub/target.ts';

const target: Target = { model: 'up', maxOutputTokens: 10_000, limitOutput: false, issuer: 'issuer-1' };
const hello = [{ role: 'user', content: 'x' }];
const tool = { name: 'T', input_schema: { type: 'object' } };
const chatTool = { type: 'function', function: { name: 'T' } };

const toChat = (change: Loose, to = target): Loose => convertRequest({ model: 'm', max_tokens: 500, messages: hello, ...change }, 'anthropic-messages', 'openai-chat', to).value;
const toMessages = (change: Loose, to = target): Loose => convertRequest({ model: 'm', messages: hello, ...change }, 'openai-chat', 'anthropic-messages', to).value;
const lostToMessages = (change: Loose): string[] => convertRequest({ model: 'm', messages: hello, ...change }, 'openai-chat', 'anthropic-messages', target).losses.map((loss) => loss.feature);
const lostToChat = (change: Loose): string[] => convertRequest({ model: 'm', max_tokens: 500, messages: hello, ...change }, 'anthropic-messages', 'openai-chat', target).losses.map((loss) => loss.feature);

describe('from Messages to Chat', () => {
  it.each([
    [{ thinking: { type: 'disabled' } }, 'none'],
    [{ thinking: { type: 'enabled', budget_tokens: 2_000 } }, 'low'],
    [{ thinking: { type: 'enabled', budget_tokens: 31_999 } }, 'high'],
    [{ thinking: { type: 'adaptive' } }, 'medium'],
    [{ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }, 'low'],
    [{ thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }, 'xhigh'],
    [{}, undefined],
  ])('%j asks for the effort %s', (change, effort) => {
    expect(toChat(change)['reasoning_effort']).toBe(effort);
  });

  it.each([
    [{ type: 'auto' }, 'auto'],
    [{ type: 'any' }, 'required'],
    [{ type: 'none' }, 'none'],
    [{ type: 'tool', name: 'T' }, { type: 'function', function: { name: 'T' } }],
  ])('the choice %j becomes %j', (choice, word) => {
    expect(toChat({ tools: [tool], tool_choice: choice })['tool_choice']).toEqual(word);
  });

  it('a choice without a tool to choose is left out, since the vendor refuses it', () => {
    expect(toChat({ tools: [{ type: 'web_search_20250305', name: 'web_search' }], tool_choice: { type: 'auto' } })).not.toHaveProperty('tool_choice');
  });

  it('the limit is the smaller of the two, and always stated where it must be kept', () => {
    expect([toChat({ max_tokens: 128_000 })['max_completion_tokens'], toChat({})['max_completion_tokens']]).toEqual([10_000, 500]);
    expect(toMessages({}, { ...target, limitOutput: true })['max_tokens']).toBe(10_000);
  });

  it('the billing line is taken out, since it would break the prefix that other vendors cache', () => {
    const written = toChat({ system: [{ type: 'text', text: 'x-anthropic-billing-header: cc_version=1;' }, { type: 'text', text: 'Help.' }] });
    expect(written['messages']).toEqual([{ role: 'system', content: 'Help.' }, { role: 'user', content: 'x' }]);
  });

  it('a fifth stop sequence and fields without a counterpart are told as losses', () => {
    expect(lostToChat({ stop_sequences: ['1', '2', '3', '4', '5'], top_k: 3, container: 'c', safeguards: [] })).toEqual(['field: container', 'sampling: top_k', 'stop sequences: beyond the fourth']);
  });

  it('a stream always asks for usage', () => {
    expect([toChat({ stream: true })['stream_options'], toChat({})['stream_options']]).toEqual([{ include_usage: true }, undefined]);
  });
});

describe('from Chat to Messages', () => {
  it.each([
    [{ reasoning_effort: 'none' }, undefined, undefined],
    [{ reasoning_effort: 'minimal' }, { type: 'adaptive' }, { effort: 'low' }],
    [{ reasoning_effort: 'high' }, { type: 'adaptive' }, { effort: 'high' }],
    [{}, undefined, undefined],
  ])('%j becomes the thinking %j', (change, thinking, output) => {
    const written = toMessages(change);
    expect([written['thinking'], written['output_config']]).toEqual([thinking, output]);
  });

  it('thinking gives way to a forced tool and takes the place of a temperature, for the vendor refuses both together', () => {
    const forced = toMessages({ reasoning_effort: 'high', tools: [chatTool], tool_choice: 'required' });
    expect([forced['thinking'], forced['tool_choice']]).toEqual([undefined, { type: 'any' }]);
    expect(toMessages({ reasoning_effort: 'high', temperature: 0.2 })).not.toHaveProperty('temperature');
    expect(lostToMessages({ reasoning_effort: 'high', temperature: 1.7 })).toEqual(['temperature: beside thinking']);
  });

  it('one call at a time is asked for with a choice, which is where this dialect says it', () => {
    expect(toMessages({ tools: [chatTool], parallel_tool_calls: false })['tool_choice']).toEqual({ type: 'auto', disable_parallel_tool_use: true });
  });

  it('turns alternate, and only the first instructions are the system', () => {
    const written = toMessages({ messages: [{ role: 'system', content: 'a' }, { role: 'user', content: 'b' }, { role: 'user', content: 'c' }, { role: 'developer', content: 'd' }, { role: 'assistant', content: 'e' }] });
    expect(written['system']).toEqual([{ type: 'text', text: 'a' }]);
    expect(written['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'b' }, { type: 'text', text: 'c' }, { type: 'text', text: '<system-reminder>\nd\n</system-reminder>' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'e' }] },
    ]);
  });

  it('a result that nobody asked for is refused, with its place', () => {
    expect(() => toMessages({ messages: [...hello, { role: 'tool', tool_call_id: 'c', content: 'y' }] })).toThrow('messages.1.tool_call_id: answers a call that is not there ("c")');
  });

  it('the user becomes the user id, and nothing else of the caller is passed on', () => {
    expect(toMessages({ user: 'u1', safety_identifier: 's' })['metadata']).toEqual({ user_id: 'u1' });
  });
});

describe('stop reasons of whole replies', () => {
  const facts = { replyId: 'r', model: 'm', createdS: 1, reportUsage: true };
  const chatReason = (stop: string, content: unknown[] = []): unknown => {
    const { value } = convertReply({ type: 'message', content, stop_reason: stop }, 'anthropic-messages', 'openai-chat', facts);
    return JSON.parse(JSON.stringify(value)).choices[0].finish_reason;
  };
  const messagesReason = (finish: string | null, calls = false): unknown =>
    convertReply({ choices: [{ message: { content: 'x', ...(calls && { tool_calls: [{ id: 'c', function: { name: 'T', arguments: '{}' } }] }) }, finish_reason: finish }] }, 'openai-chat', 'anthropic-messages', facts).value['stop_reason'];

  it.each([['end_turn', 'stop'], ['max_tokens', 'length'], ['stop_sequence', 'stop'], ['tool_use', 'tool_calls'], ['refusal', 'content_filter'], ['pause_turn', 'stop'], ['model_context_window_exceeded', 'length'], ['something_new', 'stop']])('%s is %s in Chat', (raw, word) => {
    expect(chatReason(raw)).toBe(word);
  });

  it.each([['stop', 'end_turn'], ['length', 'max_tokens'], ['tool_calls', 'tool_use'], ['function_call', 'tool_use'], ['content_filter', 'refusal'], ['something_new', 'end_turn'], [null, 'end_turn']])('%s is %s in Messages', (raw, word) => {
    expect(messagesReason(raw)).toBe(word);
  });

  it('an answer that ends with calls has stopped for them, but one cut short says so', () => {
    expect([messagesReason('stop', true), messagesReason('length', true), chatReason('end_turn', [{ type: 'tool_use', id: 'c', name: 'T', input: {} }])]).toEqual(['tool_use', 'max_tokens', 'tool_calls']);
  });
});

it('ids are put into allowed characters without two becoming one, and each is given once', () => {
  const ids = createToolIds();
  expect([ids.give('a:1'), ids.give('a_1'), ids.of('a:1'), ids.give(''), ids.give('toolu_ok-1'), ids.give('a_1'), ids.of('a_1')]).toEqual(['a_1', 'a_1_2', 'a_1', 'call', 'toolu_ok-1', 'a_1_3', 'a_1_3']);
});
