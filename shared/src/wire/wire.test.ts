import { describe, expect, it } from 'vitest';
import { isMessagesError, isMessagesReply, isMessagesRequest } from './anthropic-messages.ts';
import { DIALECT_NAMES, isDialectName } from './dialect-name.ts';
import { isGeminiError, isGeminiReply, isGeminiRequest } from './gemini-generate.ts';
import { countOf, listOf, looseOf, parseJson } from './json.ts';
import { isChatChunk, isChatReply, isChatRequest, isOpenAiError } from './openai-chat.ts';
import { isResponsesReply, isResponsesRequest, responsesEventType } from './openai-responses.ts';

const guards = { isMessagesError, isMessagesReply, isMessagesRequest, isGeminiError, isGeminiReply, isGeminiRequest, isChatChunk, isChatReply, isChatRequest, isOpenAiError, isResponsesReply, isResponsesRequest };

describe('guards', () => {
  it.each(Object.entries(guards))('%s refuses what is no object', (_name, guard) => {
    for (const value of [undefined, null, 'text', 3, [], [{}]]) expect(guard(value)).toBe(false);
  });

  it.each([
    ['isMessagesRequest', isMessagesRequest, { model: 'm', messages: [] }, { model: 'm' }],
    ['isMessagesReply', isMessagesReply, { type: 'message', content: [] }, { type: 'error', content: [] }],
    ['isMessagesError', isMessagesError, { type: 'error', error: { message: 'm' } }, { type: 'error', error: 'm' }],
    ['isChatRequest', isChatRequest, { model: 'm', messages: [] }, { messages: [] }],
    ['isChatReply', isChatReply, { choices: [] }, { object: 'chat.completion.chunk', choices: [] }],
    ['isOpenAiError', isOpenAiError, { error: { message: 'm' } }, { error: 'm' }],
    ['isResponsesRequest', isResponsesRequest, { model: 'm', input: 'x' }, { model: 'm', input: 3 }],
    ['isResponsesReply', isResponsesReply, { object: 'response', output: [] }, { object: 'response' }],
    ['isGeminiRequest', isGeminiRequest, { contents: [] }, { contents: {} }],
    ['isGeminiReply', isGeminiReply, {}, { error: { message: 'm' } }],
    ['isGeminiError', isGeminiError, { error: { message: 'm' } }, { error: {} }],
  ])('%s tells what it can rely on from what it cannot', (_name, guard, good, bad) => {
    expect(guard(good)).toBe(true);
    expect(guard(bad)).toBe(false);
  });

  it('a token count that is no whole number of tokens counts nothing', () => {
    expect([7, 0, -1, 1.5, Number.NaN, '7', null, undefined].map(countOf)).toEqual([7, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('lists, event types and JSON of the wrong kind read as absent', () => {
    expect([listOf('x'), looseOf([1, { a: 1 }, null]), responsesEventType({ type: 3 }), parseJson('{')]).toEqual([[], [{ a: 1 }], undefined, undefined]);
  });

  it('a dialect is known by its name only', () => {
    expect([...DIALECT_NAMES, 'openai', undefined].map(isDialectName)).toEqual([true, true, true, true, false, false]);
  });
});
