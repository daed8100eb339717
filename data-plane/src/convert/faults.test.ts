import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES } from '@fairlead/shared/wire/dialect-name.ts';
import { isMessagesError } from '@fairlead/shared/wire/anthropic-messages.ts';
import { isGeminiError } from '@fairlead/shared/wire/gemini-generate.ts';
import { isOpenAiError } from '@fairlead/shared/wire/openai-chat.ts';
import { createSseParser } from '@fairlead/shared/wire/sse.ts';
import { readFaultMessage, writeFault, writeStreamFault } from './faults.ts';
import { openUsageReader } from './usage-reader.ts';

const guards = { 'anthropic-messages': isMessagesError, 'openai-chat': isOpenAiError, 'openai-responses': isOpenAiError, 'gemini-generate': isGeminiError };

describe.each(DIALECT_NAMES)('a fault in %s', (dialect) => {
  it.each([400, 401, 402, 403, 404, 413, 429, 500, 502, 503, 504, 529])('of status %i has the vendor\'s shape and keeps its words', (status) => {
    const { body } = writeFault(dialect, { status, message: 'messages.1: wrong', code: 'upstream.refused', mayRetry: false }, 'x1');
    expect(guards[dialect](body)).toBe(true);
    expect(readFaultMessage(body)).toBe('messages.1: wrong');
  });

  it('inside a stream is seen as a failure, never as an end', () => {
    const parser = createSseParser();
    const watched = openUsageReader(dialect);
    for (const frame of parser.push(writeStreamFault(dialect, { status: 502, message: 'It broke off.', code: 'upstream.broke-off', mayRetry: true }))) watched.push(frame);
    expect([watched.ended(), watched.failed()]).toEqual([false, 'It broke off.']);
  });
});

it.each([
  [{ error: { message: 'a' } }, 'a'],
  [[{ error: { message: 'a' } }], 'a'],
  [{ message: 'a' }, 'a'],
  [{ error: 'a' }, 'a'],
  [{ detail: 'a' }, 'a'],
  [{ error: { code: 3 } }, undefined],
  [undefined, undefined],
  ['<html>', undefined],
])('the words of %j are %s', (body, words) => {
  expect(readFaultMessage(body)).toBe(words);
});
