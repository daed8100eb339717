import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser, encodeSseFrame, type SseFrame } from '@fairlead/shared/wire/sse.ts';
import { dialectOf, type Dialect } from './dialect.ts';
import { canConvert } from './convert.ts';
import { openStreamConversion } from './testing/conversions.ts';
import { emptyConversation, type Conversation, type Part, type Turn } from './hub/conversation.ts';
import type { ReplyEvent, ReplyFacts } from './hub/events.ts';
import type { Reply, ReplyPart } from './hub/reply.ts';
import type { StopReason } from './hub/stop-reason.ts';
import { openUsageReader } from './usage-reader.ts';

const asked: Conversation = { ...emptyConversation, model: 'm', stream: true, turns: [], extras: { dialect: 'openai-chat', fields: {} } };
const facts: ReplyFacts = { replyId: 'reply-1', model: 'm', createdS: 1, reportUsage: true, asked };
const source = { issuer: 'issuer-1' };
const addressed = { model: 'upstream-model', stream: true };
const names = ['anthropic-messages', 'openai-chat', 'gemini-generate'] as const;

function speaker(name: (typeof names)[number]): Dialect {
  const dialect = dialectOf(name);
  if (!dialect) throw new Error(`${name} is not convertible`);
  return dialect;
}

const pairs = names.flatMap((upstream) => names.filter((client) => client !== upstream).map((client) => [upstream, client] as const));

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => text.trim() === text);
const input = fc.dictionary(word, fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 3 });
const count = fc.nat(1_000_000);
const reading = fc.record({ input: count, output: count, cacheRead: count, cacheWrite5m: fc.constant(0), cacheWrite1h: fc.constant(0), reasoning: fc.constant(0) });
const callPart = fc.tuple(word, input).map(([name, value]): ReplyPart => ({ kind: 'tool-call', id: '', name, input: JSON.stringify(value) }));
const textPart = word.map((text): ReplyPart => ({ kind: 'text', text }));
const thinkingPart = word.map((text): ReplyPart => ({ kind: 'thinking', text }));

/** Replies that both dialects can say: thinking, then text, then calls with ids of their own. */
const reply: fc.Arbitrary<Reply> = fc
  .record({ thinking: fc.array(thinkingPart, { maxLength: 1 }), text: fc.array(textPart, { maxLength: 1 }), calls: fc.array(callPart, { maxLength: 3 }), reading, reason: fc.constantFrom<StopReason>('end', 'length', 'refusal') })
  .map(({ thinking, text, calls, reading: used, reason }) => ({
    id: 'reply-1',
    model: 'm',
    parts: [...thinking, ...text, ...calls.map((part, at) => (part.kind === 'tool-call' ? { ...part, id: `call-${at}` } : part))],
    stop: { reason: calls.length > 0 ? 'tools' : reason, raw: undefined, sequence: undefined },
    reading: used,
  }));

/** The events of a reply with its texts cut into pieces; blocks may be open together. */
function eventsOf(said: Reply, pieceLength: number, together: boolean): ReplyEvent[] {
  const ends: ReplyEvent[] = [];
  const events: ReplyEvent[] = [{ kind: 'start', id: said.id, model: said.model }];
  for (const [index, part] of said.parts.entries()) {
    if (part.kind === 'sealed-thinking' || part.kind === 'server-tool') continue;
    const text = part.kind === 'tool-call' ? part.input : part.text;
    const characters = [...text];
    events.push({ kind: 'block-start', index, block: part.kind === 'tool-call' ? { kind: 'tool-call', id: part.id, name: part.name } : { kind: part.kind } });
    for (let at = 0; at < characters.length; at += pieceLength) events.push({ kind: 'block-delta', index, text: characters.slice(at, at + pieceLength).join('') });
    const end: ReplyEvent = { kind: 'block-end', index };
    if (together && part.kind === 'tool-call') ends.push(end);
    else events.push(end);
  }
  return [...events, ...ends, { kind: 'stop', stop: said.stop }, ...(said.reading ? [{ kind: 'reading' as const, reading: said.reading }] : []), { kind: 'end' }];
}

/** The reply that events add up to; throws when they break the rules of a stream. */
function replyOf(events: readonly ReplyEvent[]): Reply {
  const parts: { part: ReplyPart; open: boolean }[] = [];
  let whole: Reply = { id: '', model: '', parts: [], stop: { reason: 'unknown', raw: undefined, sequence: undefined }, reading: undefined };
  let over = false;
  for (const event of events) {
    if (over) throw new Error(`${event.kind} after the end`);
    if (event.kind === 'start') whole = { ...whole, id: event.id, model: event.model };
    if (event.kind === 'reading') whole = { ...whole, reading: event.reading };
    if (event.kind === 'stop') whole = { ...whole, stop: { ...event.stop, raw: undefined } };
    if (event.kind === 'end' || event.kind === 'fault') over = true;
    if (event.kind === 'block-start') {
      if (event.index !== parts.length) throw new Error('blocks must be numbered in order');
      const { block } = event;
      parts.push({ open: true, part: block.kind === 'tool-call' ? { ...block, input: '' } : block.kind === 'sealed-thinking' ? block : block.kind === 'server-tool' ? { ...block, input: '', found: [], output: undefined } : block.kind === 'text' ? { kind: 'text', text: '' } : { kind: 'thinking', text: '' } });
    }
    if (event.kind !== 'block-delta' && event.kind !== 'block-end') continue;
    const block = parts[event.index];
    if (!block?.open) throw new Error(`${event.kind} for a block that is not open`);
    if (event.kind === 'block-end') block.open = false;
    else if (block.part.kind === 'tool-call' || block.part.kind === 'server-tool') block.part = { ...block.part, input: block.part.input + event.text };
    else if (block.part.kind !== 'sealed-thinking') block.part = { ...block.part, text: block.part.text + event.text };
  }
  if (!over || parts.some((block) => block.open)) throw new Error('the stream ended with an open block');
  return { ...whole, parts: parts.map((block) => block.part) };
}

function framesOf(name: (typeof names)[number], events: readonly ReplyEvent[]): SseFrame[] {
  const writer = speaker(name).openWriter(facts);
  return events.flatMap((event) => writer.push(event));
}

function readBack(name: (typeof names)[number], frames: readonly SseFrame[]): ReplyEvent[] {
  const reader = speaker(name).openReader(source);
  return [...frames.flatMap((frame) => reader.push(frame)), ...reader.end()];
}

describe.each(names)('a stream of %s', (name) => {
  it('says the same after it was written and read, with every block ended once', () => {
    fc.assert(
      fc.property(reply, fc.integer({ min: 1, max: 5 }), fc.boolean(), (said, piece, together) => {
        expect(replyOf(readBack(name, framesOf(name, eventsOf(said, piece, together))))).toEqual(said);
      }),
    );
  });

  it('says the same however its bytes are cut', () => {
    fc.assert(
      fc.property(reply, fc.array(fc.nat(), { maxLength: 20 }), (said, at) => {
        const frames = framesOf(name, eventsOf(said, 3, false));
        const bytes = Uint8Array.from(frames.flatMap((frame) => [...encodeSseFrame(frame)]));
        const places = [...new Set(at.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b);
        const parser = createSseParser();
        const cut = [0, ...places].flatMap((from, i) => parser.push(bytes.subarray(from, places[i] ?? bytes.length)));
        expect(readBack(name, [...cut, ...parser.end()])).toEqual(readBack(name, frames));
      }),
    );
  });

  it('has the same reading for the meter, the reader and the whole reply', () => {
    fc.assert(
      fc.property(reply, (said) => {
        const usage = openUsageReader(name);
        for (const frame of framesOf(name, eventsOf(said, 4, false))) usage.push(frame);
        const whole = speaker(name).readReply({ ...speaker(name).writeReply(said, facts).value }, source);
        expect([usage.reading(), whole.reading, usage.ended(), usage.failed()]).toEqual([said.reading, said.reading, true, undefined]);
      }),
    );
  });

  it('says the same whole', () => {
    fc.assert(
      fc.property(reply, (said) => {
        const back = speaker(name).readReply({ ...speaker(name).writeReply(said, facts).value }, source);
        expect({ ...back, stop: { ...back.stop, raw: undefined } }).toEqual(said);
      }),
    );
  });
});

describe.each(pairs)('from %s to a client of %s', (upstream, client) => {
  const convert = (frames: readonly SseFrame[]): SseFrame[] => {
    const conversion = openStreamConversion(upstream, client, { replyId: 'reply-1', model: 'm', createdS: 1, reportUsage: true });
    return [...frames.flatMap((frame) => conversion.push(frame)), ...conversion.end()];
  };

  it('text, thinking, calls, reason and tokens arrive as they were', () => {
    fc.assert(
      fc.property(reply, fc.boolean(), (said, together) => {
        expect(replyOf(readBack(client, convert(framesOf(upstream, eventsOf(said, 2, together)))))).toEqual(said);
      }),
    );
  });

  it('a stream that is cut anywhere before its end never looks whole', () => {
    fc.assert(
      fc.property(reply, fc.nat(), (said, at) => {
        const frames = framesOf(upstream, eventsOf(said, 3, false));
        // Chat is whole with its reason, Messages with its last event.
        const whole = frames.findIndex((frame) => (upstream === 'openai-chat' ? /"finish_reason":"/.test(frame.data) : frame.event === 'message_stop'));
        const watched = openUsageReader(client);
        for (const frame of convert(frames.slice(0, at % (whole + 1)))) watched.push(frame);
        expect([watched.ended(), watched.failed() !== undefined]).toEqual([false, true]);
      }),
    );
  });

  it('an error event arrives as an error, in its own words', () => {
    const broken = framesOf(upstream, [{ kind: 'start', id: 'x', model: 'm' }, { kind: 'fault', status: 529, message: 'Too busy: try later' }]);
    const watched = openUsageReader(client);
    for (const frame of convert(broken)) watched.push(frame);
    expect([watched.ended(), watched.failed()]).toEqual([false, 'Too busy: try later']);
  });
});

const userPart: fc.Arbitrary<Part> = fc.oneof(
  word.map((text): Part => ({ kind: 'text', text })),
  fc.constant<Part>({ kind: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } }),
);
const turns: fc.Arbitrary<Turn[]> = fc
  .array(fc.record({ asked: fc.array(userPart, { minLength: 1, maxLength: 3 }), said: fc.array(word, { maxLength: 1 }), calls: fc.array(fc.tuple(word, input, word), { maxLength: 3 }), reminder: fc.boolean() }), { minLength: 1, maxLength: 4 })
  .map((rounds) =>
    rounds.flatMap(({ asked, said, calls, reminder }, round): Turn[] => {
      const id = (at: number): string => `c${round}-${at}`;
      const spoken: Part[] = [...said.map((text): Part => ({ kind: 'text', text })), ...calls.map(([name, value], at): Part => ({ kind: 'tool-call', id: id(at), name, input: JSON.stringify(value) }))];
      const results = calls.map(([, , text], at): Part => ({ kind: 'tool-result', callId: id(at), parts: [{ kind: 'text', text }], isError: false }));
      const between: Turn[] = reminder ? [{ role: 'system', parts: [{ kind: 'text', text: 'reminder' }] }] : [];
      const answered: Turn[] = results.length > 0 ? [...between, { role: 'user', parts: results }] : between;
      return [{ role: 'user', parts: asked }, ...(spoken.length > 0 ? [{ role: 'assistant' as const, parts: spoken }] : []), ...answered];
    }),
  );

function conversation(said: Turn[]): Conversation {
  return { ...emptyConversation, model: 'm', stream: true, instructions: [{ kind: 'text', text: 'be brief' }], turns: said, tools: [{ name: 'T', description: undefined, schema: { type: 'object' } }], maxOutputTokens: 5, extras: { dialect: 'gemini-generate', fields: {} } };
}

/** All that was said, in order of kind: how turns are cut is each dialect's own. */
function contentOf(read: Conversation): unknown {
  const parts = read.turns.flatMap((turn) => turn.parts);
  const texts = read.turns.flatMap((turn) => turn.parts.flatMap((part) => (part.kind === 'text' ? [`${turn.role === 'assistant' ? 'model' : 'user'}: ${part.text.replace(/^<system-reminder>\n|\n<\/system-reminder>$/g, '')}`] : [])));
  return { texts: texts.sort(), calls: parts.filter((part) => part.kind === 'tool-call'), results: parts.filter((part) => part.kind === 'tool-result'), images: parts.filter((part) => part.kind === 'image').length, instructions: read.instructions, tools: read.tools.map((tool) => tool.name) };
}

describe.each(names)('a request written for %s', (name) => {
  const target = { model: 'upstream-model', maxOutputTokens: 100, limitOutput: false, issuer: 'issuer-1' };

  it('says all that the client said, and answers every call right after it', () => {
    fc.assert(
      fc.property(turns, (said) => {
        const asked = conversation(said);
        const { value } = speaker(name).writeRequest(asked, target);
        const back = speaker(name).readRequest(value, addressed);
        expect(contentOf(back)).toEqual(contentOf(asked));
        expect([back.model, back.stream, back.maxOutputTokens]).toEqual(['upstream-model', true, 5]);
        const open = new Set<string>();
        for (const turn of back.turns) {
          for (const part of turn.parts) if (part.kind === 'tool-result') expect(open.delete(part.callId)).toBe(true);
          if (turn.parts.some((part) => part.kind !== 'tool-result')) expect(open.size).toBe(0);
          for (const part of turn.parts) if (part.kind === 'tool-call') open.add(part.id);
        }
      }),
    );
  });
});

it('only dialects with both ways can be converted, and none to itself', () => {
  expect([canConvert('openai-chat', 'anthropic-messages'), canConvert('openai-chat', 'openai-chat'), canConvert('gemini-generate', 'gemini-generate')]).toEqual([true, false, false]);
});
