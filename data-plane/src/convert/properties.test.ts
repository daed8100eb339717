import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '@fairlead/shared/money/reading.ts';
import { DIALECT_NAMES, type DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { createSseParser, encodeSseFrame, type SseFrame } from '@fairlead/shared/wire/sse.ts';
import { dialectOf } from './dialect.ts';
import { emptyConversation, type Conversation } from './hub/conversation.ts';
import type { ReplyEvent, ReplyFacts } from './hub/events.ts';
import type { Reply } from './hub/reply.ts';
import { openStreamConversion } from './testing/conversions.ts';
import { eventsOf, reply, replyOf } from './testing/replies.ts';
import { openUsageReader } from './usage-reader.ts';

const asked: Conversation = { ...emptyConversation, model: 'm', stream: true, turns: [], extras: { dialect: 'openai-chat', fields: {} } };
const facts: ReplyFacts = { replyId: 'reply-1', model: 'm', createdS: 1, reportUsage: true, asked };
const source = { issuer: 'issuer-1' };
const names = DIALECT_NAMES;
const pairs = names.flatMap((upstream) => names.filter((client) => client !== upstream).map((client) => [upstream, client] as const));
const deep = process.env.FAIRLEAD_TEST_DEEP === '1';
const runs = { numRuns: deep ? 10_000 : 200, seed: Number(process.env.FAIRLEAD_TEST_SEED ?? Date.now() % 1_000_000) };

function framesOf(name: DialectName, events: readonly ReplyEvent[]): SseFrame[] {
  const writer = dialectOf(name).openWriter(facts);
  return events.flatMap((event) => writer.push(event));
}

/** Responses names a grade of service in every answer, where the others have none to tell of. */
function plain(reading: Reading | undefined): Reading | undefined {
  return reading && { ...reading, service: undefined };
}

function unserved(told: Reply): Reply {
  return { ...told, reading: plain(told.reading) };
}

function readBack(name: DialectName, frames: readonly SseFrame[]): ReplyEvent[] {
  const reader = dialectOf(name).openReader(source);
  return [...frames.flatMap((frame) => reader.push(frame)), ...reader.end()];
}

function bytesOf(frames: readonly SseFrame[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((frame) => [...encodeSseFrame(frame)]));
}

/** The same bytes, parsed as they come in pieces cut at these places. */
function recut(bytes: Uint8Array, at: readonly number[]): SseFrame[] {
  const places = [...new Set(at.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b);
  const parser = createSseParser();
  return [...[0, ...places].flatMap((from, i) => parser.push(bytes.subarray(from, places[i] ?? bytes.length))), ...parser.end()];
}

const cuts = fc.array(fc.nat(), { maxLength: 20 });

describe.each(names)('a stream of %s', (name) => {
  it('says the same after it was written and read, with every block ended once', () => {
    fc.assert(fc.property(reply, fc.integer({ min: 1, max: 5 }), fc.boolean(), (said, piece, together) => {
      expect(unserved(replyOf(readBack(name, framesOf(name, eventsOf(said, piece, together)))))).toEqual(said);
    }), runs);
  });

  it('says the same however its bytes are cut', () => {
    fc.assert(fc.property(reply, cuts, (said, at) => {
      const frames = framesOf(name, eventsOf(said, 3, false));
      expect(readBack(name, recut(bytesOf(frames), at))).toEqual(readBack(name, frames));
    }), runs);
  });

  it('has the same reading for the meter, the reader and the whole reply', () => {
    fc.assert(fc.property(reply, (said) => {
      const usage = openUsageReader(name);
      for (const frame of framesOf(name, eventsOf(said, 4, false))) usage.push(frame);
      const whole = dialectOf(name).readReply({ ...dialectOf(name).writeReply(said, facts).value }, source);
      expect([plain(usage.reading()), plain(whole.reading), usage.ended(), usage.failed()]).toEqual([said.reading, said.reading, true, undefined]);
    }), runs);
  });

  it('says the same whole', () => {
    fc.assert(fc.property(reply, (said) => {
      const back = dialectOf(name).readReply({ ...dialectOf(name).writeReply(said, facts).value }, source);
      expect(unserved({ ...back, stop: { ...back.stop, raw: undefined } })).toEqual(said);
    }), runs);
  });
});

describe.each(pairs)('from %s to a client of %s', (upstream, client) => {
  const convert = (frames: readonly SseFrame[]): SseFrame[] => {
    const conversion = openStreamConversion(upstream, client, { replyId: 'reply-1', model: 'm', createdS: 1, reportUsage: true });
    return [...frames.flatMap((frame) => conversion.push(frame)), ...conversion.end()];
  };

  it('text, thinking, calls, reason and tokens arrive as they were', () => {
    fc.assert(fc.property(reply, fc.boolean(), (said, together) => {
      expect(unserved(replyOf(readBack(client, convert(framesOf(upstream, eventsOf(said, 2, together))))))).toEqual(said);
    }), runs);
  });

  it('the client gets the same bytes however the upstream\'s are cut', () => {
    fc.assert(fc.property(reply, fc.boolean(), cuts, (said, together, at) => {
      const frames = framesOf(upstream, eventsOf(said, 3, together));
      expect(Buffer.from(bytesOf(convert(recut(bytesOf(frames), at)))).toString()).toBe(Buffer.from(bytesOf(convert(frames))).toString());
    }), runs);
  });

  it('a stream that is cut looks whole to the client exactly when the upstream had ended it', () => {
    fc.assert(fc.property(reply, fc.nat(), (said, at) => {
      const frames = framesOf(upstream, eventsOf(said, 3, false));
      const part = frames.slice(0, at % (frames.length + 1));
      const [sent, watched] = [openUsageReader(upstream), openUsageReader(client)];
      for (const frame of part) sent.push(frame);
      for (const frame of convert(part)) watched.push(frame);
      expect([watched.ended(), watched.failed() !== undefined]).toEqual([sent.ended(), !sent.ended()]);
    }), runs);
  });

  it('an error event arrives as an error, in its own words', () => {
    const broken = framesOf(upstream, [{ kind: 'start', id: 'x', model: 'm' }, { kind: 'fault', status: 529, message: 'Too busy: try later' }]);
    const watched = openUsageReader(client);
    for (const frame of convert(broken)) watched.push(frame);
    expect([watched.ended(), watched.failed()]).toEqual([false, 'Too busy: try later']);
  });
});
