import { Buffer } from 'node:buffer';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { createSseParser } from '@fairlead/shared/wire/sse.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import type { UsageReader } from '../convert/hub/stream-usage.ts';
import { openUsageReader } from '../convert/usage-reader.ts';
import { contentSize } from './content-size.ts';

/** Reads a stream's bytes once for everything that is asked of them. */
export interface StreamWatch {
  readonly usage: UsageReader;
  /** Looks at these bytes; gives what may be passed on of them and of earlier ones: whole frames only. */
  push(bytes: Uint8Array): Uint8Array;
  /** The stream has ended: the bytes of a last frame without its blank line. */
  end(): Uint8Array;
  /** Bytes of content seen, for an estimate. */
  contentBytes(): number;
  /** Whole frames seen. */
  frames(): number;
  /** The beginning of a frame that cannot be one: half a line of JSON, or none. */
  malformed(): string | undefined;
}

/** Whether a frame's data can be the whole of a JSON value; a look at both ends is enough to tell half a line from one. */
export function looksWhole(data: string): boolean {
  const text = data.trim();
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  return text === '' || (first === 123 && last === 125) || (first === 91 && last === 93);
}

const nothing = new Uint8Array(0);
/** A frame that grows beyond this is left to the parser, which holds pieces without joining them again and again. */
const shortBytes = 64 * 1024;

// What comes by the hundred: the name says that it is content, and the words in it are found without parsing.
const known: Partial<Record<DialectName, { starts: string[]; words: string[]; news: SseFrame }>> = {
  'anthropic-messages': { starts: ['event: content_block_delta\ndata: '], words: ['"text":"', '"partial_json":"', '"thinking":"'], news: { event: 'content_block_delta', data: '{}' } },
  'openai-responses': { starts: ['event: response.output_text.delta\ndata: ', 'event: response.function_call_arguments.delta\ndata: '], words: ['"delta":"'], news: { event: 'response.output_text.delta', data: '{}' } },
};

/**
 * A watch over one stream whose bytes pass untouched. Frames that only carry content are counted in the
 * bytes; the others are read as frames. A stream with carriage returns, a byte-order mark or huge frames
 * goes through the parser from there on.
 */
export function openStreamWatch(dialect: DialectName): StreamWatch {
  const usage = openUsageReader(dialect);
  const short = known[dialect];
  const parser = createSseParser();
  const ahead = short?.words.map(() => -1) ?? [];
  let slow = false;
  let begun = false;
  let contentBytes = 0;
  let frameCount = 0;
  let malformed: string | undefined;
  let tail: Uint8Array[] = [];
  let tailBytes = 0;

  const see = (frames: readonly SseFrame[]) => {
    for (const frame of frames) {
      frameCount += 1;
      if (!looksWhole(frame.data)) malformed ??= frame.data.slice(0, 100);
      usage.push(frame);
      contentBytes += contentSize(dialect, frame);
    }
  };

  /** Everything up to the end of the last whole frame; the rest is kept. */
  const split = (bytes: Uint8Array, open: number): Uint8Array => {
    if (open >= bytes.length) { tail.push(bytes); tailBytes += bytes.length; return nothing; }
    const head = open === 0 ? bytes : bytes.subarray(0, bytes.length - open);
    const whole = tail.length === 0 ? head : Buffer.concat([...tail, head]);
    tail = open > 0 ? [bytes.subarray(bytes.length - open)] : [];
    tailBytes = open;
    return whole;
  };

  const pushSlow = (bytes: Uint8Array): Uint8Array => {
    see(parser.push(bytes));
    return split(bytes, parser.openBytes());
  };

  const frameAt = (text: string, from: number, to: number, bytes: Buffer) => {
    if (text.charCodeAt(to - 1) === 125 && short?.starts.some((start) => text.startsWith(start, from))) {
      const size = wordsIn(text, from, to, short.words, ahead);
      if (size >= 0) { contentBytes += size; frameCount += 1; if (!usage.hasContent()) usage.push(short.news); return; }
    }
    see(parser.push(bytes.subarray(from, to + 2)));
  };

  return {
    usage,
    push(piece) {
      if (slow) return pushSlow(piece);
      const bytes = tailBytes === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength) : Buffer.concat([...tail, piece]);
      const text = bytes.toString('latin1');
      if (tailBytes > shortBytes || text.includes('\r') || (!begun && text.startsWith('\u00ef'))) {
        slow = true;
        tail = [];
        tailBytes = 0;
        return pushSlow(bytes);
      }
      ahead.fill(-1);
      let from = 0;
      for (let to = text.indexOf('\n\n'); to >= 0; to = text.indexOf('\n\n', from)) {
        frameAt(text, from, to, bytes);
        from = to + 2;
        begun = true;
      }
      tail = from < bytes.length ? [from === 0 ? bytes : bytes.subarray(from)] : [];
      tailBytes = bytes.length - from;
      return from === 0 ? nothing : from === bytes.length ? bytes : bytes.subarray(0, from);
    },
    end() {
      if (!slow) for (const bytes of tail) see(parser.push(bytes));
      see(parser.end());
      const rest = tail.length === 1 ? (tail[0] ?? nothing) : Buffer.concat(tail);
      tail = [];
      tailBytes = 0;
      return rest;
    },
    contentBytes: () => contentBytes,
    frames: () => frameCount,
    malformed: () => malformed,
  };
}

/**
 * The bytes of the strings that follow these words in a frame; -1 when there is none, so that somebody else must look.
 * `ahead` holds where each word comes next in this text: it is looked through once for each, however many frames it has.
 */
function wordsIn(text: string, from: number, to: number, words: readonly string[], ahead: number[]): number {
  for (let number = 0; number < words.length; number++) {
    const word = words[number] ?? '';
    let at = ahead[number] ?? -1;
    if (at < from) at = ahead[number] = place(text.indexOf(word, from));
    if (at >= to) continue;
    let size = 0;
    while (at < to) {
      const start = at + word.length;
      let end = text.indexOf('"', start);
      while (end > start && isEscaped(text, end)) end = text.indexOf('"', end + 1);
      if (end < 0 || end >= to) return -1;
      size += end - start;
      at = ahead[number] = place(text.indexOf(word, end));
    }
    // A delta carries one kind of content.
    return size;
  }
  return -1;
}

function place(found: number): number {
  return found < 0 ? Infinity : found;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === 92) slashes += 1;
  return slashes % 2 === 1;
}
