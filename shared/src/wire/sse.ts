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

  const finish = (bytes: Uint8Array, frames: SseFrame[]): void => {
    let text = decoder.decode(bytes);
    if (atStreamStart) {
      atStreamStart = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    const frame = readFrame(text);
    if (frame) frames.push(frame);
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

  return {
    push(chunk) {
      const frames: SseFrame[] = [];
      let from = 0;
      // Nearly every stream ends its lines by line feeds alone: then only these are looked at.
      if (!skipLineFeed && !chunk.includes(CR)) {
        let at = 0;
        for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, at)) {
          if (end > at) lineIsEmpty = false;
          at = end + 1;
          if (!lineIsEmpty) { lineIsEmpty = true; continue; }
          blankLine(chunk, from, end, frames);
          from = at;
        }
        if (at < chunk.length) lineIsEmpty = false;
        if (from < chunk.length) hold(chunk.subarray(from));
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
  const lines = frame.data.includes('\n') || frame.data.includes('\r') ? frame.data.split(/\r\n|\r|\n/) : [frame.data];
  for (const line of lines) text += `data: ${line}\n`;
  return `${text}\n`;
}

const encoder = new TextEncoder();

/** The bytes of one frame, ended by its blank line. */
export function encodeSseFrame(frame: SseFrame): Uint8Array {
  return encoder.encode(writeSseFrame(frame));
}

/** The bytes of several frames, one after the other. */
export function encodeSseFrames(frames: readonly SseFrame[]): Uint8Array {
  const [only] = frames;
  if (frames.length === 1 && only) return encodeSseFrame(only);
  let text = '';
  for (const frame of frames) text += writeSseFrame(frame);
  return encoder.encode(text);
}

function readFrame(text: string): SseFrame | undefined {
  let data: string | undefined;
  let event: string | undefined;
  let id: string | undefined;
  for (const line of text.includes('\r') ? text.split(/\r\n|\r|\n/) : text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0 || line === '') continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
    if (name === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (name === 'event') event = value;
    else if (name === 'id') id = value;
  }
  if (data === undefined) return undefined;
  if (id !== undefined) return event === undefined ? { data, id } : { data, event, id };
  return event === undefined ? { data } : { data, event };
}

function oneLine(text: string): string {
  if (/[\r\n]/.test(text)) throw new TypeError('A frame name or id must not span lines.');
  return text;
}
