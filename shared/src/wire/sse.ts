// Pure. Bytes to server-sent-event frames and back; knows no vendor.
import { parseJson } from './json.ts';

/** One event of a stream, with its data lines joined by line feeds. */
export type SseFrame = { readonly event?: string; readonly data: string; readonly id?: string };

/** Takes a stream's bytes in whatever pieces they come and gives its frames. */
export type SseParser = {
  /** The frames that these bytes complete, in order. Throws SseFrameTooLarge. */
  push(chunk: Uint8Array): SseFrame[];
  /** How many of the bytes pushed last belong to a frame that is not complete. */
  openBytes(): number;
  /** The frame left at the end of the stream, for servers that leave out the last blank line. */
  end(): SseFrame[];
};

/** Thrown when a frame grows beyond what the reader agreed to hold. */
export class SseFrameTooLarge extends Error {
  override readonly name = 'SseFrameTooLarge';
  readonly limitBytes: number;
  constructor(limitBytes: number) {
    super(`A stream frame is larger than ${limitBytes} bytes.`);
    this.limitBytes = limitBytes;
  }
}

const LF = 10;
const CR = 13;
const DEFAULT_LIMIT_BYTES = 32 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** Creates an incremental parser that holds at most one unfinished frame of `maxFrameBytes`. */
export function createSseParser(options: { readonly maxFrameBytes?: number } = {}): SseParser {
  const limit = options.maxFrameBytes ?? DEFAULT_LIMIT_BYTES;
  // A frame is decoded whole, so a character split between two chunks is never seen in halves.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let held: Uint8Array = NOTHING;
  let heldBytes = 0;
  let lineIsEmpty = true;
  // A carriage return ends a line at once; the line feed that may follow in the next chunk is then skipped.
  let skipLineFeed = false;
  let atStreamStart = true;

  const textOf = (bytes: Uint8Array): string => {
    const text = decoder.decode(bytes);
    if (!atStreamStart) return text;
    atStreamStart = false;
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  };
  const finish = (bytes: Uint8Array, frames: SseFrame[]): void => {
    const frame = readFrame(textOf(bytes));
    if (frame) frames.push(frame);
  };
  /** Frames that each end by a blank line, in lines that end by line feeds. */
  const finishAll = (bytes: Uint8Array, frames: SseFrame[]): void => {
    const text = textOf(bytes);
    let from = 0;
    for (let to = text.indexOf('\n\n'); to >= 0; to = text.indexOf('\n\n', from)) {
      const frame = readLines(text, from, to);
      if (frame) frames.push(frame);
      from = to + 2;
    }
  };

  const hold = (bytes: Uint8Array): void => {
    const needed = heldBytes + bytes.length;
    if (needed > limit) throw new SseFrameTooLarge(limit);
    if (needed > held.length) {
      const grown = new Uint8Array(Math.max(needed, held.length * 2, 1024));
      grown.set(held.subarray(0, heldBytes));
      held = grown;
    }
    held.set(bytes, heldBytes);
    heldBytes = needed;
  };

  /** The line that ends at `at` is blank: what stands before it is a frame. */
  const blankLine = (chunk: Uint8Array, from: number, at: number, frames: SseFrame[]): void => {
    if (heldBytes > 0) {
      hold(chunk.subarray(from, at));
      finish(held.subarray(0, heldBytes), frames);
      heldBytes = 0;
    } else if (at > from) {
      if (at - from > limit) throw new SseFrameTooLarge(limit);
      finish(chunk.subarray(from, at), frames);
    }
  };

  /** Where the frame that began in an earlier chunk is over; -1 when it goes on. */
  const endOfHeld = (chunk: Uint8Array, frames: SseFrame[]): number => {
    let at = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, at)) {
      if (end > at) lineIsEmpty = false;
      at = end + 1;
      if (lineIsEmpty) {
        blankLine(chunk, 0, end, frames);
        return at;
      }
      lineIsEmpty = true;
    }
    if (at < chunk.length) lineIsEmpty = false;
    hold(chunk);
    return -1;
  };

  return {
    push(chunk) {
      const frames: SseFrame[] = [];
      let from = 0;
      // Nearly every stream ends its lines by line feeds alone: then only these are looked at.
      if (!skipLineFeed && chunk.length <= limit && !chunk.includes(CR)) {
        if (heldBytes > 0 || !lineIsEmpty) {
          from = endOfHeld(chunk, frames);
          if (from < 0) return frames;
        }
        // What comes together is decoded together: to decode a frame costs more than to read it.
        const end = afterLastBlankLine(chunk, from);
        if (end > from) {
          finishAll(chunk.subarray(from, end), frames);
          from = end;
        }
        if (from < chunk.length) {
          lineIsEmpty = chunk[chunk.length - 1] === LF;
          hold(chunk.subarray(from));
        }
        return frames;
      }
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        if (byte !== LF && byte !== CR) {
          lineIsEmpty = false;
          skipLineFeed = false;
          continue;
        }
        if (byte === LF && skipLineFeed) {
          skipLineFeed = false;
          if (from === at && heldBytes === 0) from = at + 1;
          continue;
        }
        skipLineFeed = byte === CR;
        if (!lineIsEmpty) {
          lineIsEmpty = true;
          continue;
        }
        blankLine(chunk, from, at, frames);
        from = at + 1;
      }
      if (from < chunk.length) hold(chunk.subarray(from));
      return frames;
    },
    openBytes: () => heldBytes,
    end() {
      const frames: SseFrame[] = [];
      if (heldBytes > 0) finish(held.subarray(0, heldBytes), frames);
      held = NOTHING;
      heldBytes = 0;
      return frames;
    },
  };
}

let parsedFrame: SseFrame | undefined;
let parsed: unknown;

/** The JSON in a frame's data; undefined when it is none. Whoever looks at the same frame next shares it: each is parsed once. */
export function jsonOf(frame: SseFrame): unknown {
  if (frame !== parsedFrame) {
    parsed = parseJson(frame.data);
    parsedFrame = frame;
  }
  return parsed;
}

/** The text of one frame, ended by its blank line; throws TypeError when a name or id spans lines. */
export function writeSseFrame(frame: SseFrame): string {
  let text = '';
  if (frame.event !== undefined) text += `event: ${oneLine(frame.event)}\n`;
  if (frame.id !== undefined) text += `id: ${oneLine(frame.id)}\n`;
  const { data } = frame;
  if (!data.includes('\n') && !data.includes('\r')) return `${text}data: ${data}\n\n`;
  for (const line of data.split(/\r\n|\r|\n/)) text += `data: ${line}\n`;
  return `${text}\n`;
}

const encoder = new TextEncoder();

/** The bytes of one frame, ended by its blank line. */
export function encodeSseFrame(frame: SseFrame): Uint8Array {
  return encoder.encode(writeSseFrame(frame));
}

/** The text of several frames, one after the other. */
export function writeSseFrames(frames: readonly SseFrame[]): string {
  let text = '';
  for (const frame of frames) text += writeSseFrame(frame);
  return text;
}

function readFrame(text: string): SseFrame | undefined {
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  return readLines(lines, 0, lines.length);
}

/** The frame in a part of a text whose lines end by line feeds; undefined when it has no data. */
function readLines(text: string, from: number, to: number): SseFrame | undefined {
  let data: string | undefined;
  let event: string | undefined;
  let id: string | undefined;
  for (let at = from; at < to; ) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 || feed > to ? to : feed;
    const line = at;
    at = end + 1;
    if (text.startsWith('data', line)) {
      const value = fieldAt(text, line + 4, end);
      if (value !== undefined) data = data === undefined ? value : `${data}\n${value}`;
    } else if (text.startsWith('event', line)) event = fieldAt(text, line + 5, end) ?? event;
    else if (text.startsWith('id', line)) id = fieldAt(text, line + 2, end) ?? id;
  }
  if (data === undefined) return undefined;
  if (id !== undefined) return event === undefined ? { data, id } : { data, event, id };
  return event === undefined ? { data } : { data, event };
}

/** The value after a field's name; a line may be a name alone. Undefined when the name goes on, or the line is over before it. */
function fieldAt(text: string, at: number, end: number): string | undefined {
  if (at >= end) return at === end ? '' : undefined;
  if (text.charCodeAt(at) !== 58) return undefined;
  return text.slice(text.charCodeAt(at + 1) === 32 ? Math.min(at + 2, end) : at + 1, end);
}

/** Where the rest begins that no blank line ends; `from` when there is no blank line behind it. */
function afterLastBlankLine(chunk: Uint8Array, from: number): number {
  for (let at = chunk.lastIndexOf(LF); at > from; at = chunk.lastIndexOf(LF, at - 1)) if (chunk[at - 1] === LF) return at + 1;
  // A blank line right at the beginning ends nothing.
  return chunk[from] === LF ? from + 1 : from;
}

function oneLine(text: string): string {
  if (text.includes('\n') || text.includes('\r')) throw new TypeError('A frame name or id must not span lines.');
  return text;
}
