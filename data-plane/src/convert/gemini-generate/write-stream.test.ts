import { describe, expect, it } from 'vitest';
import { parseJson, type Loose } from '@fairlead/shared/wire/json.ts';
import { writeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { emptyConversation, type Conversation } from '../hub/conversation.ts';
import type { ReplyEvent, ReplyFacts } from '../hub/events.ts';
import type { ReplyPart } from '../hub/reply.ts';
import type { Stop } from '../hub/stop-reason.ts';
import { bytesIn, unitAt } from './text-places.ts';
import { brokenReply, readReply } from './read-reply.ts';
import { writeReply } from './write-reply.ts';
import { openWriter } from './write-stream.ts';

const asked: Conversation = { ...emptyConversation, model: 'm', stream: true, turns: [], extras: { dialect: 'gemini-generate', fields: {} } };
const facts: ReplyFacts = { replyId: 'reply-1', model: 'asked', createdS: 1, reportUsage: true, asked };
const end: ReplyEvent[] = [{ kind: 'stop', stop: { reason: 'end', raw: undefined, sequence: undefined } }, { kind: 'end' }];

function framesOf(events: readonly ReplyEvent[], given = facts) {
  const writer = openWriter(given);
  return { frames: events.flatMap((event) => writer.push(event)), losses: writer.losses() };
}
const chunksOf = (events: readonly ReplyEvent[]): Loose[] => framesOf(events).frames.map((frame) => Object(parseJson(frame.data)));
const parts = (chunks: readonly Loose[]): unknown[] => chunks.map((chunk) => Object(Object(chunk['candidates'])[0]).content.parts);

describe('a stream for Gemini CLI', () => {
  const events: ReplyEvent[] = [
    { kind: 'start', id: 'r1', model: 'up' }, { kind: 'keep-alive' }, { kind: 'block-start', index: 0, block: { kind: 'text' } }, { kind: 'block-delta', index: 0, text: 'Hé' }, { kind: 'block-end', index: 0 },
    { kind: 'reading', reading: { input: 5, output: 9, cacheRead: 3, cacheWrite5m: 1, cacheWrite1h: 1, reasoning: 4 } }, ...end,
  ];

  it('is made of whole chunks: no event, no comment, a space behind the colon', () => {
    for (const frame of framesOf(events).frames) expect(writeSseFrame(frame)).toMatch(/^data: \{.*\}\n\n$/);
  });

  it('ends with the reason and the usage, and says who answers in every chunk', () => {
    const chunks = chunksOf(events);
    expect(parts(chunks)).toEqual([[], [{ text: 'Hé' }], [{ text: '' }]]);
    expect(chunks.every((chunk) => chunk['modelVersion'] === 'asked' && chunk['responseId'] === 'r1')).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ candidates: [{ index: 0, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 10, cachedContentTokenCount: 3, candidatesTokenCount: 5, thoughtsTokenCount: 4, totalTokenCount: 19 } });
  });

  it('says a fault in the vendor\'s shape, and nothing after it', () => {
    expect(chunksOf([...events.slice(0, 4), { kind: 'fault', status: 503, message: 'Busy' }, ...end]).at(-1)).toEqual({ error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' } });
  });

  it.each<[Stop['reason'], string]>([['end', 'STOP'], ['tools', 'STOP'], ['stop-sequence', 'STOP'], ['pause', 'STOP'], ['unknown', 'STOP'], ['length', 'MAX_TOKENS'], ['context-full', 'MAX_TOKENS'], ['refusal', 'SAFETY']])('the reason %s is %s', (reason, word) => {
    expect(chunksOf([{ kind: 'stop', stop: { reason, raw: undefined, sequence: undefined } }, { kind: 'end' }]).at(-1)).toMatchObject({ candidates: [{ finishReason: word }] });
  });
});

describe('calls', () => {
  const open = (index: number, id: string): ReplyEvent => ({ kind: 'block-start', index, block: { kind: 'tool-call', id, name: 'f' } });
  const piece = (index: number, text: string): ReplyEvent => ({ kind: 'block-delta', index, text });
  const shut = (index: number): ReplyEvent => ({ kind: 'block-end', index });

  it('go out whole, each in a part of its own, however their pieces come', () => {
    const chunks = chunksOf([open(0, 'a'), open(1, 'b'), piece(1, '{"n":'), piece(0, '{"m":1'), piece(1, '2}'), piece(0, '}'), shut(0), shut(1), ...end]);
    const whole = [[{ functionCall: { id: 'a', name: 'f', args: { m: 1 } } }], [{ functionCall: { id: 'b', name: 'f', args: { n: 2 } } }], [{ text: '' }]];
    expect(parts(chunks)).toEqual(whole);
    // The second ends first.
    expect(parts(chunksOf([open(0, 'a'), open(1, 'b'), piece(1, '{"n":2}'), shut(1), piece(0, '{"m":1}'), shut(0), ...end]))).toEqual(whole);
    expect(parts(chunksOf([open(0, 'a'), open(1, 'b'), piece(1, '{"n":2}'), piece(0, '{"m":1}'), ...end]))).toEqual(whole);
  });

  it('that the limit cut are no calls, whole and streamed', () => {
    const stop: Stop = { reason: 'length', raw: undefined, sequence: undefined };
    const events: ReplyEvent[] = [open(0, 'a'), piece(0, '{"m":1}'), shut(0), open(1, 'b'), piece(1, '{"comma'), shut(1), { kind: 'stop', stop }, { kind: 'end' }];
    expect(parts(chunksOf(events))).toEqual([[{ functionCall: { id: 'a', name: 'f', args: { m: 1 } } }], [{ text: '' }]]);
    expect(framesOf(events).losses).toEqual([{ feature: 'tool-call: cut by the limit', count: 1 }]);
    const reply = writeReply({ id: 'r', model: 'm', parts: [{ kind: 'tool-call', id: 'b', name: 'f', input: '{"comma' }], stop, reading: undefined }, facts);
    expect([reply.value.candidates?.[0]?.content?.parts, reply.losses]).toEqual([[{ text: '' }], [{ feature: 'tool-call: cut by the limit', count: 1 }]]);
  });

  it('without input have none, and input that is no object is wrapped with a loss', () => {
    const { frames, losses } = framesOf([open(0, 'a'), shut(0), open(1, 'b'), piece(1, 'not json'), shut(1), ...end]);
    expect(parts(frames.map((frame) => Object(parseJson(frame.data)))).slice(0, 2)).toEqual([[{ functionCall: { id: 'a', name: 'f', args: {} } }], [{ functionCall: { id: 'b', name: 'f', args: { input: 'not json' } } }]]);
    expect(losses).toEqual([{ feature: 'tool-call: input that is no object', count: 1 }]);
  });

  it('that a fault cut are never made up', () => {
    expect(JSON.stringify(chunksOf([open(0, 'a'), piece(0, '{"n":1}'), { kind: 'fault', status: 502, message: 'x' }]))).not.toContain('functionCall');
  });
});

describe('what an answer is based on', () => {
  const said: ReplyPart[] = [
    { kind: 'server-tool', tool: 'web-search', id: 's', input: '{"query":"q"}', found: [{ url: 'https://a.example/', title: 'A' }, { url: 'https://b.example/', title: 'B' }], output: undefined },
    { kind: 'text', text: 'Sé 😀. ' },
    { kind: 'text', text: 'Zwei.', citations: [{ url: 'https://b.example/', title: 'B', start: 0, end: 4 }, { url: 'https://c.example/', title: undefined }] },
    { kind: 'server-tool', tool: 'web-fetch', id: 't', input: '{}', found: [{ url: 'https://p.example/', title: undefined }], output: undefined },
    { kind: 'server-tool', tool: 'code-execution', id: 'u', input: '{"code":"1+1"}', found: [], output: '2' },
  ];
  const grounding = {
    webSearchQueries: ['q'],
    groundingChunks: [{ web: { uri: 'https://a.example/', title: 'A' } }, { web: { uri: 'https://b.example/', title: 'B' } }, { web: { uri: 'https://c.example/' } }],
    groundingSupports: [{ segment: { startIndex: 10, endIndex: 14, text: 'Zwei' }, groundingChunkIndices: [1] }, { segment: { startIndex: 10, endIndex: 15, text: 'Zwei.' }, groundingChunkIndices: [2] }],
  };

  it('is told once, at the end, by bytes of the whole text', () => {
    const { value } = writeReply({ id: 'r', model: 'm', parts: said, stop: { reason: 'end', raw: undefined, sequence: undefined }, reading: undefined }, facts);
    expect(value.candidates?.[0]).toMatchObject({ groundingMetadata: grounding, urlContextMetadata: { urlMetadata: [{ retrievedUrl: 'https://p.example/' }] } });
    expect(value.candidates?.[0]?.content?.parts).toEqual([{ text: 'Sé 😀. ' }, { text: 'Zwei.' }, { executableCode: { language: 'PYTHON', code: '1+1' } }, { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '2' } }]);
  });

  it('and streamed alike', () => {
    const events = said.flatMap((part, index): ReplyEvent[] => {
      if (part.kind === 'server-tool') return [{ kind: 'block-start', index, block: { kind: 'server-tool', tool: part.tool, id: part.id } }, { kind: 'block-delta', index, text: part.input }, { kind: 'found', index, found: part.found, output: part.output }, { kind: 'block-end', index }];
      if (part.kind !== 'text') return [];
      return [{ kind: 'block-start', index, block: { kind: 'text' } }, { kind: 'block-delta', index, text: part.text.slice(0, 2) }, { kind: 'block-delta', index, text: part.text.slice(2) }, ...(part.citations ?? []).map((citation): ReplyEvent => ({ kind: 'citation', index, citation })), { kind: 'block-end', index }];
    });
    expect(chunksOf([...events, ...end]).at(-1)).toMatchObject({ candidates: [{ groundingMetadata: grounding, urlContextMetadata: { urlMetadata: [{ retrievedUrl: 'https://p.example/' }] } }] });
  });

  it('comes back as it was for who reads it', () => {
    const { value } = writeReply({ id: 'r', model: 'm', parts: said.slice(1, 3), stop: { reason: 'end', raw: undefined, sequence: undefined }, reading: undefined }, facts);
    expect(readReply({ ...value }, { issuer: 'i' }).parts).toEqual([{ kind: 'text', text: 'Sé 😀. Zwei.', citations: [{ url: 'https://b.example/', title: 'B', start: 7, end: 11 }, { url: 'https://c.example/', title: undefined, start: 7, end: 12 }] }]);
  });
});

it.each([['', 0, 0], ['abc', 2, 2], ['é1', 2, 1], ['é1', 1, 0], ['😀x', 4, 2], ['😀x', 3, 0], ['漢字', 3, 1], ['ab', 99, 2]])('in "%s" byte %i is unit %i', (text, byte, unit) => {
  expect(unitAt(text, byte)).toBe(unit);
});

it('bytes are counted as UTF-8 has them', () => {
  for (const text of ['', 'a', 'é', '漢', '😀', 'a\ud83d', 'Sé 😀. ']) expect(bytesIn(text)).toBe(new TextEncoder().encode(text).length);
});

describe('a whole answer with a call that nobody can read', () => {
  const body = (finishReason: string): Loose => ({ candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason, finishMessage: 'Malformed function call' }] });

  it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'MALFORMED_RESPONSE', 'MISSING_THOUGHT_SIGNATURE'])('is none (%s)', (reason) => {
    expect(brokenReply(body(reason))).toContain(reason);
  });

  it('and any other is one', () => {
    for (const reason of ['STOP', 'MAX_TOKENS', 'SAFETY', 'OTHER', 'constructor', 'toString']) expect(brokenReply(body(reason))).toBeUndefined();
    expect(readReply(body('toString'), { issuer: 'i' }).stop).toEqual({ reason: 'unknown', raw: 'toString', sequence: undefined });
  });
});
