// What one vendor sealed travels through a client of another dialect and comes back to its issuer as it was.
import { describe, expect, it } from 'vitest';
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { createSseParser } from '@fairlead/shared/wire/sse.ts';
import { isLoose, looseOf, parseJson, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { emptyConversation, type Part } from '../hub/conversation.ts';
import type { ReplyPart } from '../hub/reply.ts';
import type { Seal } from '../hub/seal.ts';
import { conversionOf, convertRequest, smallRequest, testTarget } from '../testing/conversions.ts';
import { readRequest } from './read-request.ts';
import { carriedIn, packSeals, unpackSeals } from './seals.ts';
import { writeReply } from './write-reply.ts';
import { openWriter } from './write-stream.ts';

const facts = { replyId: 'r', model: 'm', createdS: 1, reportUsage: true };
const other = { ...testTarget, issuer: 'issuer-2' };

/** An answer's content, as its client keeps it: whole, or put together from a stream. */
function heard(upstream: DialectName, client: DialectName, answer: Loose | string): Loose {
  const conversion = conversionOf(smallRequest(client), client, upstream, testTarget, facts);
  if (typeof answer !== 'string') return { ...conversion.reply(answer).value };
  const parser = createSseParser();
  const stream = conversion.openStream();
  const frames = [...parser.push(new TextEncoder().encode(answer)), ...parser.end()].flatMap((frame) => stream.push(frame));
  const chunks = [...frames, ...stream.end()].map((frame) => parseJson(frame.data)).filter(isLoose);
  if (client === 'gemini-generate') return { candidates: [{ content: { parts: chunks.flatMap(partsOf) } }] };
  return { chunks };
}

function partsOf(reply: Loose): readonly Loose[] {
  const [candidate] = looseOf(reply['candidates']);
  return isLoose(candidate?.['content']) ? looseOf(candidate['content']['parts']) : [];
}

/** What Gemini CLI sends back: no thoughts, and of signatures those on calls. */
function byGeminiCli(reply: Loose): Loose[] {
  return partsOf(reply).filter((part) => part['thought'] !== true && part['text'] !== '');
}

/** What AI SDK sends back: everything, but without the ids of calls. */
function byAiSdk(reply: Loose): Loose[] {
  return partsOf(reply).map((part) => (isLoose(part['functionCall']) ? { ...part, functionCall: { name: part['functionCall']['name'], args: part['functionCall']['args'] } } : part));
}

/** The next request of a client of Gemini, in which its calls are answered. */
function nextOf(parts: readonly Loose[]): Loose {
  const results = parts.flatMap((part) => (isLoose(part['functionCall']) ? [{ functionResponse: { ...(part['functionCall']['id'] !== undefined && { id: part['functionCall']['id'] }), name: part['functionCall']['name'], response: { output: 'x' } } }] : []));
  return { contents: [{ role: 'user', parts: [{ text: 'Go.' }] }, { role: 'model', parts }, { role: 'user', parts: results.length > 0 ? results : [{ text: 'And?' }] }] };
}

const event = (body: { type: string } & Loose) => `event: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`;
const blocks = [
  { type: 'thinking', thinking: 'I should lo\u00f6k.', signature: 'EqoBsig+/=' },
  { type: 'redacted_thinking', data: 'EmwKredacted' },
  { type: 'text', text: 'I look.' },
  { type: 'tool_use', id: 'toolu_1', name: 'f', input: { n: 1 } },
  { type: 'tool_use', id: 'toolu_2', name: 'f', input: { n: 2 } },
];
const messagesReply = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: blocks, stop_reason: 'tool_use', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } };
const messagesStream = [
  event({ type: 'message_start', message: { ...messagesReply, content: [] } }),
  ...blocks.flatMap((block, index) => {
    const deltas: Loose[] = 'signature' in block ? [{ type: 'thinking_delta', thinking: block.thinking }, { type: 'signature_delta', signature: block.signature }] : 'text' in block ? [{ type: 'text_delta', text: block.text }] : 'input' in block ? [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }] : [];
    const empty = { ...block, ...('signature' in block && { thinking: '', signature: '' }), ...('text' in block && { text: '' }), ...('input' in block && { input: {} }) };
    return [event({ type: 'content_block_start', index, content_block: empty }), ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })), event({ type: 'content_block_stop', index })];
  }),
  event({ type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 1 } }),
  event({ type: 'message_stop' }),
].join('');

describe.each([['whole', messagesReply], ['streamed', messagesStream]] as const)('Anthropic\'s thinking, %s, through a client of Gemini', (_how, answer) => {
  it.each([['Gemini CLI', byGeminiCli], ['AI SDK', byAiSdk]] as const)('%s gives it back, and it stands where it stood', (_client, echo) => {
    const { value, losses } = convertRequest(nextOf(echo(heard('anthropic-messages', 'gemini-generate', answer))), 'gemini-generate', 'anthropic-messages');
    const [, said] = looseOf(value['messages']);
    const ids = echo === byAiSdk ? ['call_1', 'call_2'] : ['toolu_1', 'toolu_2'];
    expect(said?.['content']).toEqual(blocks.map((block) => ('input' in block ? { ...block, id: ids[(block.input?.n ?? 0) - 1] } : block)));
    expect(losses).toEqual([]);
  });

  it('another issuer does not get it, and the loss is told', () => {
    const { value, losses } = convertRequest(nextOf(byGeminiCli(heard('anthropic-messages', 'gemini-generate', answer))), 'gemini-generate', 'anthropic-messages', other);
    expect(looseOf(looseOf(value['messages'])[1]?.['content']).map((block) => block['type'])).toEqual(['text', 'tool_use', 'tool_use']);
    expect(losses).toEqual([{ feature: 'thinking: sealed by another issuer', count: 2 }]);
  });
});

it('thinking that is not shown comes back too, with an empty text', () => {
  const hidden = { ...messagesReply, content: [{ type: 'thinking', thinking: '', signature: 'EqoBsig' }, blocks[3]] };
  const { value } = convertRequest(nextOf(byGeminiCli(heard('anthropic-messages', 'gemini-generate', hidden))), 'gemini-generate', 'anthropic-messages');
  expect(looseOf(looseOf(value['messages'])[1]?.['content'])[0]).toEqual({ type: 'thinking', thinking: '', signature: 'EqoBsig' });
});

it('thoughts are not shown to who did not ask for them, and come back all the same', () => {
  const asked = { ...smallRequest('gemini-generate'), generationConfig: { thinkingConfig: { thinkingLevel: 'LOW' } } };
  const reply = { ...conversionOf(asked, 'gemini-generate', 'anthropic-messages', testTarget, facts).reply(messagesReply).value };
  expect(partsOf(reply).some((part) => part['thought'] === true)).toBe(false);
  const { value } = convertRequest(nextOf(byGeminiCli(reply)), 'gemini-generate', 'anthropic-messages');
  expect(looseOf(looseOf(value['messages'])[1]?.['content'])[0]).toEqual(blocks[0]);
});

describe('what a Chat upstream gave to carry, through a client of Gemini', () => {
  const details = [{ type: 'reasoning.text', text: 'Hm.', signature: 's', index: 0 }, { type: 'reasoning.encrypted', data: 'e', index: 1 }];
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"n":1}' }, extra_content: { google: { thought_signature: 'c2ln' } } };
  const chat = { id: 'x', object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: null, reasoning_content: 'Hm.', reasoning_details: details, tool_calls: [call] }, finish_reason: 'tool_calls' }] };

  it('comes back: details of thinking and the signature on a call', () => {
    const { value, losses } = convertRequest(nextOf(byGeminiCli(heard('openai-chat', 'gemini-generate', chat))), 'gemini-generate', 'openai-chat');
    expect(looseOf(value['messages'])[1]).toEqual({ role: 'assistant', content: null, reasoning_content: 'Hm.', reasoning_details: details, tool_calls: [call] });
    expect(losses).toEqual([]);
  });

  it('another issuer does not get it', () => {
    const { value, losses } = convertRequest(nextOf(byGeminiCli(heard('openai-chat', 'gemini-generate', chat))), 'gemini-generate', 'openai-chat', other);
    expect(JSON.stringify(value)).not.toMatch(/reasoning_details|thought_signature/);
    expect(losses).toEqual([{ feature: 'thinking: sealed by another issuer', count: 2 }]);
  });
});

describe('Google\'s signature on a call', () => {
  const parts = [{ text: 'I should look.', thought: true }, { text: 'I look.' }, { functionCall: { id: 'c1', name: 'f', args: { n: 1 } }, thoughtSignature: 'c2lnbmF0dXJl' }, { functionCall: { id: 'c2', name: 'f', args: { n: 2 } } }];
  const gemini = { candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }], responseId: 'r1', modelVersion: 'm' };
  const given = parts.filter((part) => part.thought !== true);

  it('comes back through a client of Messages to the call that it was on', () => {
    const content = heard('gemini-generate', 'anthropic-messages', gemini)['content'];
    const asked = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Go.' }, { role: 'assistant', content }, { role: 'user', content: ['c1', 'c2'].map((id) => ({ type: 'tool_result', tool_use_id: id, content: 'x' })) }] };
    const { value, losses } = convertRequest(asked, 'anthropic-messages', 'gemini-generate');
    expect(looseOf(value['contents'])[1]).toEqual({ role: 'model', parts: given });
    expect(losses).toEqual([{ feature: 'thinking', count: 1 }]);
    const elsewhere = convertRequest(asked, 'anthropic-messages', 'gemini-generate', other);
    expect(JSON.stringify(elsewhere.value)).not.toContain('c2lnbmF0dXJl');
    expect(elsewhere.losses.map((loss) => loss.feature)).toEqual(['thinking', 'thinking: none for a call', 'thinking: sealed by another issuer']);
  });

  it('comes back through a client of Chat', () => {
    const [choice] = looseOf(heard('gemini-generate', 'openai-chat', gemini)['choices']);
    const asked = { model: 'm', messages: [{ role: 'user', content: 'Go.' }, choice?.['message'], ...['c1', 'c2'].map((id) => ({ role: 'tool', tool_call_id: id, content: 'x' }))] };
    const { value, losses } = convertRequest(asked, 'openai-chat', 'gemini-generate');
    expect(looseOf(value['contents'])[1]).toEqual({ role: 'model', parts: given });
    expect(losses).toEqual([{ feature: 'thinking', count: 1 }]);
    expect(convertRequest(asked, 'openai-chat', 'gemini-generate', other).losses.map((loss) => loss.feature)).toContain('thinking: sealed by another issuer');
  });

  it('where no signature is to be had the vendor\'s own word stands on the first call of each step, for models that demand one', () => {
    const asked = { model: 'm', messages: [1, 2].flatMap((n) => [{ role: 'user', content: `${n}` }, { role: 'assistant', content: null, tool_calls: ['a', 'b'].map((id) => ({ id: `${id}${n}`, type: 'function', function: { name: 'f', arguments: '{}' } })) }, ...['a', 'b'].map((id) => ({ role: 'tool', tool_call_id: `${id}${n}`, content: 'x' }))]) };
    const signatures = (model: string) => looseOf(convertRequest(asked, 'openai-chat', 'gemini-generate', { ...testTarget, model }).value['contents']).flatMap((content) => looseOf(content['parts'])).filter((part) => part['functionCall'] !== undefined).map((part) => textOf(part['thoughtSignature']));
    const word = 'skip_thought_signature_validator';
    expect(signatures('gemini-3-pro-preview')).toEqual([word, undefined, word, undefined]);
    expect(signatures('gemini-2.5-pro')).toEqual([undefined, undefined, undefined, undefined]);
  });
});

it.each([
  ['on a text before a call', [{ text: 'I look.', thoughtSignature: 'c2lnMQ==' }, { functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: 'c2lnMg==' }]],
  ['on an empty text before a call', [{ text: 'I look.' }, { text: '', thoughtSignature: 'c2lnMQ==' }, { functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: 'c2lnMg==' }]],
  ['on a thought', [{ text: 'Hm.', thought: true, thoughtSignature: 'c2lnMQ==' }, { text: 'Done.' }]],
])('Google\'s signature %s comes back to where it was, through a client of Messages', (_where, parts) => {
  const content = heard('gemini-generate', 'anthropic-messages', { candidates: [{ content: { parts }, finishReason: 'STOP' }] })['content'];
  const { value } = convertRequest({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Go.' }, { role: 'assistant', content }, { role: 'user', content: 'And?' }] }, 'anthropic-messages', 'gemini-generate');
  expect(looseOf(value['contents'])[1]).toEqual({ role: 'model', parts });
});

it('nothing follows the last text of an answer: Claude Code would print nothing of it', () => {
  for (const parts of [[{ text: 'Done.', thoughtSignature: 'c2ln' }], [{ text: 'Done.' }, { text: '', thoughtSignature: 'c2ln' }]]) {
    const { value, losses } = conversionOf(smallRequest('anthropic-messages'), 'anthropic-messages', 'gemini-generate').reply({ candidates: [{ content: { parts }, finishReason: 'STOP' }] });
    expect([value['content'], losses]).toEqual([[{ type: 'text', text: 'Done.' }], [{ feature: 'thinking: seal of the last text', count: 1 }]]);
  }
});

describe('any vendor\'s seals', () => {
  const reasoning: Seal = { dialect: 'openai-responses', issuer: 'i', data: 'gAAAA+/=', id: 'rs_1' };
  const more: Seal = { ...reasoning, data: 'gBBBB', id: 'rs_2' };
  const call: ReplyPart = { kind: 'tool-call', id: 'c1', name: 'f', input: '{}' };
  const asked = { ...emptyConversation, model: 'm', stream: true, turns: [], extras: { dialect: 'gemini-generate' as const, fields: {} } };
  const said: ReplyPart[] = [{ kind: 'thinking', text: 'One.', seal: reasoning }, { kind: 'sealed-thinking', seal: more }, { kind: 'text', text: 'T' }, { ...call, seal: { dialect: 'openai-chat', issuer: 'j', data: 'own' } }];
  const back: Part[] = [{ kind: 'thinking', text: 'One.', seal: { ...reasoning, id: 'rs_1' } }, { kind: 'sealed-thinking', seal: more }, { kind: 'text', text: 'T' }, { ...call, seal: { dialect: 'openai-chat', issuer: 'j', data: 'own' } }];
  const again = (parts: readonly Loose[]) => readRequest({ ...nextOf(parts.filter((part) => part['thought'] !== true)) }, { model: 'm', stream: true }).turns[1]?.parts;

  it('several before one call all come back with their ids and texts, whole', () => {
    const { value } = writeReply({ id: '', model: '', parts: said, stop: { reason: 'tools', raw: undefined, sequence: undefined }, reading: undefined }, { ...facts, asked });
    expect(again(partsOf({ ...value }))).toEqual(back);
  });

  it('and streamed', () => {
    const writer = openWriter({ ...facts, asked });
    const frames = said.flatMap((part, index) => {
      const text = part.kind === 'text' || part.kind === 'thinking' ? part.text : part.kind === 'tool-call' ? part.input : '';
      return [
        ...writer.push({ kind: 'block-start', index, block: part.kind === 'text' || part.kind === 'thinking' ? { kind: part.kind } : part.kind === 'server-tool' ? { kind: 'server-tool', tool: part.tool, id: '' } : part }),
        ...(text === '' ? [] : writer.push({ kind: 'block-delta', index, text })),
        ...(part.kind === 'thinking' && part.seal ? writer.push({ kind: 'seal', index, seal: part.seal }) : []),
        ...writer.push({ kind: 'block-end', index }),
      ];
    });
    expect(again([...frames, ...writer.push({ kind: 'end' })].flatMap((frame) => partsOf(Object(parseJson(frame.data)))))).toEqual(back);
  });

  it('are base64, since the field is one of bytes, and may come back in the alphabet for addresses', () => {
    const packed = packSeals([reasoning, { ...more, text: '\u{1f600}\u00ff??>>' }]);
    expect(packed).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
    expect(packed.length % 4).toBe(0);
    expect(unpackSeals(packed.replace(/\+/g, '-').replace(/\//g, '_'))).toEqual(unpackSeals(packed));
    expect(unpackSeals(packed)?.map((seal) => seal.data)).toEqual(['gAAAA+/=', 'gBBBB']);
  });

  it('a signature of Google\'s own is no packed one, nor is what was packed and cut', () => {
    expect([unpackSeals('c2lnbmF0dXJl'), carriedIn('skip_thought_signature_validator').own, carriedIn('').own]).toEqual([undefined, undefined, undefined]);
    expect(unpackSeals(packSeals([reasoning]).slice(0, 20))).toEqual([]);
  });
});
