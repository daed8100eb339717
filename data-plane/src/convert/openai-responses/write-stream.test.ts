import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoose, looseOf, parseJson, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { openUsageReader } from '../usage-reader.ts';
import type { BlockKind, ReplyEvent, ReplyFacts } from '../hub/events.ts';
import type { ReplyPart } from '../hub/reply.ts';
import { readRequest } from './read-request.ts';
import { writeReply } from './write-reply.ts';
import { openWriter } from './write-stream.ts';

const tools = [{ type: 'function', name: 'shell' }, { type: 'custom', name: 'patch' }, { type: 'namespace', name: 'mail', tools: [{ type: 'function', name: 'send' }] }, { type: 'web_search' }];
const facts: ReplyFacts = { replyId: 'resp_r', model: 'm', createdS: 1, reportUsage: true, asked: readRequest({ model: 'm', input: 'x', tools, tool_choice: { type: 'function', name: 'send', namespace: 'mail' }, reasoning: { effort: 'high', summary: 'auto' }, max_output_tokens: 9 }) };
const start: ReplyEvent = { kind: 'start', id: 'up-1', model: 'up' };
const stop = (reason: 'end' | 'length' | 'refusal' | 'context-full'): ReplyEvent => ({ kind: 'stop', stop: { reason, raw: undefined, sequence: undefined } });
const end: ReplyEvent = { kind: 'end' };
const block = (index: number, kind: BlockKind, ...between: ReplyEvent[]): ReplyEvent[] => [{ kind: 'block-start', index, block: kind }, ...between, { kind: 'block-end', index }];
const say = (index: number, text: string): ReplyEvent => ({ kind: 'block-delta', index, text });

function events(...given: readonly ReplyEvent[]): Loose[] {
  const writer = openWriter(facts);
  return given.flatMap((event) => writer.push(event)).map((frame) => {
    const event = parseJson(frame.data);
    if (!isLoose(event) || event['type'] !== frame.event) throw new Error(`${frame.event} is not what the frame says`);
    return event;
  });
}
const typesOf = (list: readonly Loose[]): string[] => list.map((event) => String(event['type']).replace('response.', ''));
const last = (list: readonly Loose[]): Loose => { const response = list.at(-1)?.['response']; return isLoose(response) ? response : {}; };
const items = (list: readonly Loose[]): readonly Loose[] => looseOf(last(list)['output']);

describe('a stream for a client of Responses', () => {
  it('has the events of the vendor in its order, numbered from 0', () => {
    const list = events(start, ...block(0, { kind: 'thinking' }, say(0, 'hm')), ...block(1, { kind: 'text' }, say(1, 'Hi')), ...block(2, { kind: 'tool-call', id: 'c1', name: 'shell' }, say(2, '{}')), stop('end'), end);
    expect(typesOf(list)).toEqual([
      'created', 'in_progress',
      'output_item.added', 'reasoning_summary_part.added', 'reasoning_summary_text.delta', 'reasoning_summary_text.done', 'reasoning_summary_part.done', 'output_item.done',
      'output_item.added', 'content_part.added', 'output_text.delta', 'output_text.done', 'content_part.done', 'output_item.done',
      'output_item.added', 'function_call_arguments.delta', 'function_call_arguments.done', 'output_item.done', 'completed',
    ]);
    expect(list.map((event) => event['sequence_number'])).toEqual(list.map((_, at) => at));
    expect(items(list).map((item) => item['id'])).toEqual(['rs_r_0', 'msg_r_1', 'fc_r_2']);
  });

  it('repeats what was asked, as the client offered it', () => {
    expect(last(events(start, end))).toMatchObject({
      id: 'up-1', object: 'response', created_at: 1, model: 'm', status: 'completed', max_output_tokens: 9, reasoning: { effort: 'high', summary: 'auto' }, tool_choice: { type: 'function', name: 'send', namespace: 'mail' }, text: { format: { type: 'text' } },
      tools: [{ type: 'function', name: 'shell' }, { type: 'custom', name: 'patch' }, { type: 'namespace', name: 'mail', tools: [{ type: 'function', name: 'send' }] }, { type: 'web_search' }],
    });
  });

  it('gives calls back in the form and under the name of their tools', () => {
    const list = events(...block(0, { kind: 'tool-call', id: 'c1', name: 'patch' }, say(0, 'a\nb')), ...block(1, { kind: 'tool-call', id: 'c2', name: 'mail__send' }, say(1, '{"to":1}')), ...block(2, { kind: 'tool-call', id: 'c3', name: 'shell' }), end);
    expect(items(list)).toEqual([
      { type: 'custom_tool_call', id: 'ctc_r_0', status: 'completed', call_id: 'c1', name: 'patch', input: 'a\nb' },
      { type: 'function_call', id: 'fc_r_1', status: 'completed', call_id: 'c2', name: 'send', namespace: 'mail', arguments: '{"to":1}' },
      { type: 'function_call', id: 'fc_r_2', status: 'completed', call_id: 'c3', name: 'shell', arguments: '{}' },
    ]);
    expect(typesOf(list).filter((type) => type.startsWith('custom'))).toEqual(['custom_tool_call_input.delta', 'custom_tool_call_input.done']);
  });

  it('puts texts that follow each other into one message, and a call between two', () => {
    const list = events(...block(0, { kind: 'text' }, say(0, 'a')), ...block(1, { kind: 'text', refusal: true }, say(1, 'b')), ...block(2, { kind: 'text' }), ...block(3, { kind: 'tool-call', id: 'c', name: 'shell' }), ...block(4, { kind: 'text' }, say(4, 'c')), end);
    expect(items(list).map((item) => [item['type'], looseOf(item['content']).map((part) => part['text'] ?? part['refusal'])])).toEqual([['message', ['a', 'b']], ['function_call', []], ['message', ['c']]]);
  });

  it('writes blocks that are open together one after the other', () => {
    const call = (index: number): ReplyEvent => ({ kind: 'block-start', index, block: { kind: 'tool-call', id: `c${index}`, name: 'shell' } });
    const list = events(call(0), call(1), say(1, '{"b":'), say(0, '{"a":1}'), say(1, '2}'), { kind: 'block-end', index: 1 }, { kind: 'block-end', index: 0 }, end);
    expect(list.filter((event) => event['output_index'] !== undefined).map((event) => event['output_index'])).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(items(list).map((item) => item['arguments'])).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('tells sources with their place, and probabilities with the words', () => {
    const list = events(...block(0, { kind: 'text' }, say(0, 'Rain'), { kind: 'logprobs', index: 0, logprobs: [{ token: 'é', logprob: -1, top: [] }] }, { kind: 'citation', index: 0, citation: { url: 'https://x', title: 'X' } }, { kind: 'citation', index: 0, citation: { url: undefined, title: 'a file' } }), end);
    expect(looseOf(items(list)[0]?.['content'])).toEqual([{ type: 'output_text', text: 'Rain', annotations: [{ type: 'url_citation', url: 'https://x', title: 'X', start_index: 0, end_index: 4 }], logprobs: [{ token: 'é', logprob: -1, bytes: [195, 169], top_logprobs: [] }] }]);
    expect(typesOf(list)).toContain('output_text.annotation.added');
  });

  it('shows what the vendor of another dialect did by itself', () => {
    const search = events(...block(0, { kind: 'server-tool', tool: 'web-search', id: 's' }, say(0, '{"query":"q"}'), { kind: 'found', index: 0, found: [{ url: 'https://x', title: 'X' }], output: undefined }), ...block(1, { kind: 'server-tool', tool: 'web-fetch', id: 'f' }, say(1, '{"url":"https://x"}')), ...block(2, { kind: 'server-tool', tool: 'code-execution', id: 'p' }, say(2, '{"code":"1"}'), { kind: 'found', index: 2, found: [], output: '1' }), end);
    expect(items(search)).toEqual([
      { type: 'web_search_call', id: 'ws_r_0', status: 'completed', action: { type: 'search', query: 'q', queries: ['q'], sources: [{ type: 'url', url: 'https://x' }] } },
      { type: 'web_search_call', id: 'ws_r_1', status: 'completed', action: { type: 'open_page', url: 'https://x' } },
      { type: 'code_interpreter_call', id: 'ci_r_2', status: 'completed', code: '1', container_id: '', outputs: [{ type: 'logs', logs: '1' }] },
    ]);
    expect(typesOf(search).slice(2, 7)).toEqual(['output_item.added', 'web_search_call.in_progress', 'web_search_call.searching', 'web_search_call.completed', 'output_item.done']);
  });

  it('keeps Codex waiting with the only event that does so, after the first', () => {
    expect(typesOf(events({ kind: 'keep-alive' }, { kind: 'keep-alive' }, start))).toEqual(['created', 'in_progress', 'in_progress']);
  });

  it.each([['length', 'max_output_tokens'], ['context-full', 'max_output_tokens'], ['refusal', 'content_filter']] as const)('that stops for %s is incomplete for %s', (reason, word) => {
    const list = events(start, stop(reason), { kind: 'reading', reading: { input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 0, reasoning: 1 } }, end);
    expect([list.at(-1)?.['type'], last(list)]).toEqual(['response.incomplete', expect.objectContaining({ status: 'incomplete', incomplete_details: { reason: word }, usage: { input_tokens: 8, input_tokens_details: { cached_tokens: 3, cache_write_tokens: 4 }, output_tokens: 2, output_tokens_details: { reasoning_tokens: 1 }, total_tokens: 10 } })]);
  });

  it.each([
    [400, 'messages: wrong', 'invalid_prompt'], [422, 'no', 'invalid_prompt'], [400, 'prompt is too long: 300 tokens > 200 maximum', 'context_length_exceeded'], [413, 'Your input exceeds the context window', 'context_length_exceeded'],
    [402, 'spent', 'insufficient_quota'], [404, 'no model', 'model_not_found'], [429, 'try again in 3s', 'rate_limit_exceeded'],
    [500, 'broke', undefined], [502, 'broke', undefined], [503, 'busy', undefined], [529, 'busy', undefined], [401, 'key', undefined], [403, 'key', undefined],
  ])('that fails with %i and "%s" has the code %s, or none where another try helps', (status, message, code) => {
    const list = events(start, { kind: 'block-start', index: 0, block: { kind: 'text' } }, say(0, 'half'), { kind: 'fault', status, message }, say(0, 'more'));
    const error = last(list)['error'];
    expect(list.at(-1)).toMatchObject(code === undefined ? { type: 'error', code: 'server_error', message } : { type: 'response.failed', response: { status: 'failed', output: [], error: { code, message } } });
    expect(isLoose(error) ? textOf(error['code']) : undefined).toBe(code);
    const watched = openUsageReader('openai-responses');
    for (const event of list) watched.push({ event: String(event['type']), data: JSON.stringify(event) });
    expect([watched.ended(), watched.failed()]).toEqual([false, message]);
  });
});

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 });
const part: fc.Arbitrary<ReplyPart> = fc.oneof(
  word.map((text): ReplyPart => ({ kind: 'text', text })),
  word.map((text): ReplyPart => ({ kind: 'text', text, refusal: true })),
  fc.tuple(word, fc.option(word)).map(([text, data]): ReplyPart => ({ kind: 'thinking', text, ...(data !== null && { seal: { dialect: 'gemini-generate', issuer: 'i', data } }) })),
  word.map((data): ReplyPart => ({ kind: 'sealed-thinking', seal: { dialect: 'anthropic-messages', issuer: 'i', data } })),
  fc.tuple(word, fc.constantFrom('shell', 'patch', 'mail__send')).map(([id, name]): ReplyPart => ({ kind: 'tool-call', id, name, input: '{}' })),
);

it('the items that end in a stream are those of its last event, and of the whole reply', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const whole = JSON.parse(JSON.stringify(writeReply({ id: 'up-1', model: 'up', parts, stop: { reason: 'end', raw: undefined, sequence: undefined }, reading: undefined }, facts).value));
      const streamed = parts.flatMap((one, index): ReplyEvent[] => {
        if (one.kind === 'server-tool') return [];
        const kind: BlockKind = one.kind === 'tool-call' || one.kind === 'sealed-thinking' ? one : one.kind === 'text' ? { kind: 'text', ...(one.refusal && { refusal: true }) } : { kind: 'thinking' };
        const text = one.kind === 'tool-call' ? one.input : one.kind === 'sealed-thinking' ? '' : one.text;
        return block(index, kind, ...[...text].map((piece) => say(index, piece)), ...(one.kind === 'thinking' && one.seal ? [{ kind: 'seal' as const, index, seal: one.seal }] : []));
      });
      const list = events(start, ...streamed, stop('end'), end);
      expect(list.filter((event) => event['type'] === 'response.output_item.done').map((event) => event['item'])).toEqual(items(list));
      expect(last(list)).toEqual(whole);
    }),
  );
});
