import { expect, test } from 'vitest';
import { newId } from '@fairlead/shared/id.ts';
import { noReading } from '@fairlead/shared/money/charge.ts';
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { GEMINI_NO_SIGNATURE } from '@fairlead/shared/wire/gemini-generate.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { MADE_SERVER_TOOL } from './anthropic-messages/server-tools.ts';
import { foreignMarks, MADE_ITEM, withoutForeignSeals } from './foreign-seals.ts';
import { packSeal } from './hub/seal.ts';
import { readRequest } from './openai-responses/read-request.ts';
import { writeReply } from './openai-responses/write-reply.ts';

const packed = packSeal({ dialect: 'openai-responses', issuer: 'i', data: 'x', callId: 'c' });
const own = { type: 'thinking', thinking: 'mine', signature: 'EqoB' };

test.each<[string, DialectName, Loose, Loose]>([
  ['thinking with a packed signature', 'anthropic-messages', { messages: [{ role: 'assistant', content: [own, { type: 'thinking', thinking: 'a', signature: packed }, { type: 'text', text: 't' }] }] }, { messages: [{ role: 'assistant', content: [own, { type: 'text', text: 't' }] }] }],
  ['thinking that nobody signed', 'anthropic-messages', { messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'a', signature: '' }, { type: 'text', text: 't' }] }] }, { messages: [{ role: 'assistant', content: [{ type: 'text', text: 't' }] }] }],
  ['a turn that held nothing else', 'anthropic-messages', { messages: [{ role: 'user', content: 'x' }, { role: 'assistant', content: [{ type: 'redacted_thinking', data: packed }] }] }, { messages: [{ role: 'user', content: 'x' }] }],
  ['what another vendor searched', 'anthropic-messages', { messages: [{ role: 'assistant', content: [{ type: 'server_tool_use', id: `${MADE_SERVER_TOOL}0`, name: 'web_search', input: {} }, { type: 'web_search_tool_result', tool_use_id: `${MADE_SERVER_TOOL}0`, content: [] }, { type: 'text', text: 't' }] }] }, { messages: [{ role: 'assistant', content: [{ type: 'text', text: 't' }] }] }],
  ['packed details', 'openai-chat', { messages: [{ role: 'assistant', content: 't', reasoning_details: [{ type: 'reasoning.encrypted', data: packed }] }] }, { messages: [{ role: 'assistant', content: 't' }] }],
  ['packed details beside others', 'openai-chat', { messages: [{ role: 'assistant', content: 't', reasoning_details: [{ data: packed }, { data: 'mine' }] }] }, { messages: [{ role: 'assistant', content: 't', reasoning_details: [{ data: 'mine' }] }] }],
  ['a packed seal of a call', 'openai-chat', { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', extra_content: { google: { thought_signature: packed } } }] }] }, { messages: [{ role: 'assistant', tool_calls: [{ id: 'c' }] }] }],
  ['packed reasoning', 'openai-responses', { input: [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: packed }, { role: 'user', content: 'x' }] }, { input: [{ role: 'user', content: 'x' }] }],
  ['reasoning under an id of ours', 'openai-responses', { input: [{ type: 'reasoning', id: `${MADE_ITEM}1_0`, summary: [] }, { type: 'reasoning', id: 'rs_2', summary: [] }] }, { input: [{ type: 'reasoning', id: 'rs_2', summary: [] }] }],
  ['a packed signature of a call, for which this vendor has a word of its own', 'gemini-generate', { contents: [{ role: 'model', parts: [{ functionCall: { name: 'f' }, thoughtSignature: packed }, { text: 'x', thoughtSignature: packed }] }] }, { contents: [{ role: 'model', parts: [{ functionCall: { name: 'f' }, thoughtSignature: GEMINI_NO_SIGNATURE }, { text: 'x' }] }] }],
])('%s is taken out of a %s body', (_, dialect, body, expected) => {
  expect(withoutForeignSeals(dialect, body)).toEqual(expected);
  // What is taken out is always found by the look at the bytes that comes before.
  expect(foreignMarks[dialect].some((mark) => JSON.stringify(body).includes(mark))).toBe(true);
});

test.each<[DialectName, Loose]>([
  ['anthropic-messages', { messages: [{ role: 'assistant', content: [own] }, { role: 'user', content: 'WyJmbDEi is only text here' }] }],
  ['openai-chat', { messages: [{ role: 'assistant', content: 'x', reasoning_details: [{ data: 'mine' }] }] }],
  ['openai-responses', { input: 'text' }],
  ['gemini-generate', { contents: [{ parts: [{ text: 'x', thoughtSignature: 'bWluZQ==' }] }] }],
])('a %s body that carries nothing of ours is the very same', (dialect, body) => {
  expect(withoutForeignSeals(dialect, body)).toBe(body);
});

test('what our writer of Responses made of thinking that nobody sealed is taken out again, with its field or by its id alone', () => {
  const facts = { replyId: newId('exchange', 0), model: 'm', createdS: 0, reportUsage: true, asked: readRequest({ model: 'm', input: 'x', reasoning: { effort: 'high', summary: 'auto' } }) };
  const { value } = writeReply({ id: '', model: 'm', parts: [{ kind: 'thinking', text: 'so' }, { kind: 'text', text: 't' }], stop: { reason: 'end', raw: undefined, sequence: undefined }, reading: noReading }, facts);
  const [thought, said] = value.output as unknown as Loose[];
  expect(thought?.['type']).toBe('reasoning');
  const { encrypted_content: _kept, ...bare } = thought ?? {};
  expect(withoutForeignSeals('openai-responses', { input: [thought, said] })).toEqual({ input: [said] });
  expect(withoutForeignSeals('openai-responses', { input: [bare, said] })).toEqual({ input: [said] });
  expect(withoutForeignSeals('openai-responses', { input: [{ ...thought, id: 'rs_1' }, said] })).toEqual({ input: [said] });
});
