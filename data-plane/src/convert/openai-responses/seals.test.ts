// What was sealed in an answer must reach its issuer again, letter by letter, through a client that cannot read it.
import { describe, expect, it } from 'vitest';
import { isLoose, looseOf, parseJson, type Loose } from '@fairlead/shared/wire/json.ts';
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { writeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { convertRequest, conversionOf, testTarget } from '../testing/conversions.ts';

const other = { ...testTarget, issuer: 'issuer-2' };
const tool = { type: 'function', name: 'shell', parameters: { type: 'object' } };
const asked = { model: 'm', input: [{ role: 'user', content: 'Go.' }], tools: [tool], reasoning: { effort: 'high', summary: 'auto' }, include: ['reasoning.encrypted_content'], store: false };
const results = [{ type: 'function_call_output', call_id: 'c1', output: 'a.txt' }];
const found = (value: unknown): string => JSON.stringify(value);

/** Answers of vendors that seal, with what must come back to them. */
const sealing: readonly { upstream: DialectName; what: string; reply: Loose; stream: readonly { event?: string; data: Loose | string }[]; back: Loose }[] = [
  {
    upstream: 'anthropic-messages', what: 'signed thinking',
    reply: { type: 'message', id: 'msg', content: [{ type: 'thinking', thinking: 'Let me\n\nsee.', signature: 'EqQB/+==' }, { type: 'tool_use', id: 'c1', name: 'shell', input: {} }], stop_reason: 'tool_use' },
    stream: [
      { data: { type: 'message_start', message: { id: 'msg' } } }, { data: { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } } }, { data: { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Let me\n\n' } } }, { data: { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'see.' } } },
      { data: { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'EqQB/+==' } } }, { data: { type: 'content_block_stop', index: 0 } }, { data: { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'c1', name: 'shell', input: {} } } }, { data: { type: 'content_block_stop', index: 1 } }, { data: { type: 'message_delta', delta: { stop_reason: 'tool_use' } } }, { data: { type: 'message_stop' } },
    ],
    back: { type: 'thinking', thinking: 'Let me\n\nsee.', signature: 'EqQB/+==' },
  },
  {
    upstream: 'anthropic-messages', what: 'signed thinking of which nothing was told',
    reply: { type: 'message', id: 'msg', content: [{ type: 'thinking', thinking: '', signature: 'EqQB' }, { type: 'tool_use', id: 'c1', name: 'shell', input: {} }], stop_reason: 'tool_use' },
    stream: [
      { data: { type: 'message_start', message: { id: 'msg' } } }, { data: { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } } }, { data: { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'EqQB' } } }, { data: { type: 'content_block_stop', index: 0 } },
      { data: { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'c1', name: 'shell', input: {} } } }, { data: { type: 'content_block_stop', index: 1 } }, { data: { type: 'message_delta', delta: { stop_reason: 'tool_use' } } }, { data: { type: 'message_stop' } },
    ],
    back: { type: 'thinking', thinking: '', signature: 'EqQB' },
  },
  {
    upstream: 'anthropic-messages', what: 'thinking that nobody may see',
    reply: { type: 'message', id: 'msg', content: [{ type: 'redacted_thinking', data: 'EmwKAhgB' }, { type: 'tool_use', id: 'c1', name: 'shell', input: {} }], stop_reason: 'tool_use' },
    stream: [
      { data: { type: 'message_start', message: { id: 'msg' } } }, { data: { type: 'content_block_start', index: 0, content_block: { type: 'redacted_thinking', data: 'EmwKAhgB' } } }, { data: { type: 'content_block_stop', index: 0 } },
      { data: { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'c1', name: 'shell', input: {} } } }, { data: { type: 'content_block_stop', index: 1 } }, { data: { type: 'message_delta', delta: { stop_reason: 'tool_use' } } }, { data: { type: 'message_stop' } },
    ],
    back: { type: 'redacted_thinking', data: 'EmwKAhgB' },
  },
  {
    upstream: 'openai-chat', what: 'details of thinking',
    reply: { choices: [{ message: { content: null, reasoning: 'Hm.', reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', signature: 'sig' }], tool_calls: [{ id: 'c1', function: { name: 'shell', arguments: '{}' } }] }, finish_reason: 'tool_calls' }] },
    stream: [
      { data: { choices: [{ delta: { reasoning: 'Hm.', reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', signature: 'sig' }] } }] } }, { data: { choices: [{ delta: { tool_calls: [{ index: 0, id: 'c1', function: { name: 'shell', arguments: '{}' } }] } }] } }, { data: { choices: [{ delta: {}, finish_reason: 'tool_calls' }] } }, { data: '[DONE]' },
    ],
    back: { type: 'reasoning.text', text: 'Hm.', signature: 'sig' },
  },
  {
    upstream: 'openai-chat', what: 'a seal on a call',
    reply: { choices: [{ message: { content: null, tool_calls: [{ id: 'c1', function: { name: 'shell', arguments: '{}' }, extra_content: { google: { thought_signature: 'c2ln' } } }] }, finish_reason: 'tool_calls' }] },
    stream: [{ data: { choices: [{ delta: { tool_calls: [{ index: 0, id: 'c1', function: { name: 'shell', arguments: '{}' }, extra_content: { google: { thought_signature: 'c2ln' } } }] } }] } }, { data: { choices: [{ delta: {}, finish_reason: 'tool_calls' }] } }, { data: '[DONE]' }],
    back: { google: { thought_signature: 'c2ln' } },
  },
];

/** What Codex keeps of a stream: the items that ended. */
function keptItems(text: string): Loose[] {
  return text.split('\n').flatMap((line) => {
    const event = line.startsWith('data: ') ? parseJson(line.slice(6)) : undefined;
    return isLoose(event) && event['type'] === 'response.output_item.done' && isLoose(event['item']) ? [event['item']] : [];
  });
}

describe.each(sealing)('$what of $upstream, kept by a client of Responses', ({ upstream, reply, stream, back }) => {
  const whole = (): Loose[] => [...looseOf(conversionOf(asked, 'openai-responses', upstream).reply(reply).value['output'])];
  const streamed = (): Loose[] => {
    const conversion = conversionOf({ ...asked, stream: true }, 'openai-responses', upstream).openStream();
    return keptItems([...stream.flatMap(({ data }) => conversion.push({ data: typeof data === 'string' ? data : JSON.stringify(data) })), ...conversion.end()].map(writeSseFrame).join(''));
  };

  it.each([['whole', whole], ['streamed', streamed]])('comes back as it was, from an answer that was %s', (_how, output) => {
    // Codex sends reasoning without its status, and says that it holds no content.
    const kept = output().map((item) => (item['type'] === 'reasoning' ? { ...item, content: null } : item));
    const next = { ...asked, input: [...asked.input, ...kept, ...results] };
    const { value, losses } = convertRequest(next, 'openai-responses', upstream);
    expect(found(value)).toContain(found(back));
    expect(losses).toEqual([]);
  });

  it('is a named loss for everybody else, and the loop goes on', () => {
    const next = { ...asked, input: [...asked.input, ...whole(), ...results] };
    for (const target of [upstream === 'openai-chat' ? 'anthropic-messages' : 'openai-chat', upstream] as const) {
      const { value, losses } = convertRequest(next, 'openai-responses', target, target === upstream ? other : testTarget);
      expect(losses.map((loss) => loss.feature)).toContain('thinking: sealed by another issuer');
      expect(found(value)).not.toContain('WyJmbDEi');
      expect(found(value)).toContain('a.txt');
    }
  });
});

it('thinking that nobody sealed comes back to a server that wants it, for clients keep only what looks sealed', () => {
  const reply = { choices: [{ message: { content: null, reasoning_content: 'Hm.', tool_calls: [{ id: 'c1', function: { name: 'shell', arguments: '{}' } }] }, finish_reason: 'tool_calls' }] };
  const kept = looseOf(conversionOf(asked, 'openai-responses', 'openai-chat').reply(reply).value['output']);
  expect(kept[0]?.['encrypted_content']).toEqual(expect.any(String));
  const { value, losses } = convertRequest({ ...asked, input: [...asked.input, ...kept, ...results] }, 'openai-responses', 'openai-chat');
  expect([looseOf(value['messages'])[1], losses]).toEqual([{ role: 'assistant', content: null, reasoning_content: 'Hm.', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'shell', arguments: '{}' } }] }, []]);
});

const reasoning = { type: 'reasoning', id: 'rs_9', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'gAAAAABo+/=' };
const untold = { ...reasoning, summary: [] };
const call = { type: 'function_call', id: 'fc_9', call_id: 'c1', name: 'shell', arguments: '{}' };
const vendor = (first: Loose): Loose => ({ id: 'resp_1', object: 'response', status: 'completed', output: [first, call] });

/** How clients of other dialects keep an answer, and ask on with it. */
const keeping: readonly { client: DialectName; asks: Loose; next: (answer: Loose) => Loose }[] = [
  {
    client: 'anthropic-messages', asks: { model: 'm', max_tokens: 2_000, messages: [{ role: 'user', content: 'Go.' }], tools: [{ name: 'shell', input_schema: { type: 'object' } }], thinking: { type: 'enabled', budget_tokens: 1_024 } },
    next: (answer) => ({ messages: [{ role: 'user', content: 'Go.' }, { role: 'assistant', content: answer['content'] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'a.txt' }] }] }),
  },
  {
    client: 'openai-chat', asks: { model: 'm', messages: [{ role: 'user', content: 'Go.' }], tools: [{ type: 'function', function: { name: 'shell' } }] },
    next: (answer) => ({ messages: [{ role: 'user', content: 'Go.' }, looseOf(answer['choices'])[0]?.['message'], { role: 'tool', tool_call_id: 'c1', content: 'a.txt' }] }),
  },
];

describe.each(keeping)('sealed reasoning of Responses, kept by a client of $client', ({ client, asks, next }) => {
  it.each([['told', reasoning], ['untold', untold]])('and %s, comes back right before the call that it led to', (_how, first) => {
    const answer = conversionOf(asks, client, 'openai-responses').reply(vendor(first)).value;
    const { value, losses } = convertRequest({ ...asks, ...next(answer) }, client, 'openai-responses');
    expect(looseOf(value['input']).slice(1)).toEqual([first, { type: 'function_call', call_id: 'c1', name: 'shell', arguments: '{}' }, { type: 'function_call_output', call_id: 'c1', output: 'a.txt' }]);
    expect(losses).toEqual([]);
  });

  it('is a named loss for another account, which would refuse it', () => {
    const answer = conversionOf(asks, client, 'openai-responses').reply(vendor(reasoning)).value;
    const { value, losses } = convertRequest({ ...asks, ...next(answer) }, client, 'openai-responses', other);
    expect(looseOf(value['input']).map((item) => item['type'])).toEqual(['message', 'function_call', 'function_call_output']);
    expect(losses.map((loss) => loss.feature)).toEqual(['thinking: sealed by another issuer']);
  });

  it('is left out where it led to nothing, which the vendor refuses', () => {
    const answer = conversionOf(asks, client, 'openai-responses').reply({ ...vendor(reasoning), output: [reasoning] }).value;
    const said = looseOf(next(answer)['messages']).slice(0, 2);
    const { value, losses } = convertRequest({ ...asks, messages: [...said, { role: 'user', content: 'And?' }] }, client, 'openai-responses');
    expect(looseOf(value['input']).map((item) => item['type'])).toEqual(['message', 'message']);
    expect(losses.map((loss) => loss.feature)).toEqual(['thinking']);
  });
});
