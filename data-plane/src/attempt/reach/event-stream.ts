// Pure. AWS's event stream (application/vnd.amazon.eventstream) as server-sent events.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html describes the frames, with their sums.
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { objectOf, parseJson, textOf } from '@fairlead/shared/wire/json.ts';
import { encodeSseFrame } from '@fairlead/shared/wire/sse.ts';

const preludeBytes = 12;
/** Prelude, no headers, no payload, and the sum. */
const leastBytes = 16;
const mostBytes = 16 * 1024 * 1024;

/** The stream's bytes as server-sent events: what it carries, and an error event for an exception. Throws when a message is damaged or cut. */
export async function* decodeEventStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Buffer[] = [];
  let held = 0;
  let needed = leastBytes;
  for await (const piece of body) {
    pieces.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    held += piece.length;
    // A large message is joined once, not again with every piece.
    if (held < needed) continue;
    let bytes = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
    const out: Uint8Array[] = [];
    let damage: unknown;
    let over = false;
    try {
      for (needed = sizeOf(bytes); bytes.length >= needed && !over; needed = over ? 0 : sizeOf(bytes)) {
        const frame = frameOf(readMessage(bytes.subarray(0, needed)));
        bytes = bytes.subarray(needed);
        if (frame) out.push(frame.bytes);
        over = frame?.last === true;
      }
    } catch (error) {
      damage = error;
    }
    // What came before the damage is good: it may be the end of the answer.
    if (out.length > 0) yield Buffer.concat(out);
    if (damage !== undefined) throw damage;
    if (over) return;
    pieces = bytes.length > 0 ? [bytes] : [];
    held = bytes.length;
  }
  if (held > 0) throw new Error('the event stream ended in the middle of a message');
}

/** How many bytes the message that begins here has; the least there is while nobody can know. */
function sizeOf(bytes: Buffer): number {
  if (bytes.length < preludeBytes) return leastBytes;
  if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8)) throw new Error('the event stream is damaged: the beginning of a message does not match its sum');
  const size = bytes.readUInt32BE(0);
  if (size > mostBytes || size < leastBytes + bytes.readUInt32BE(4)) throw new Error(`the event stream is damaged: a message of ${size} bytes`);
  return size;
}

interface Message { headers: ReadonlyMap<string, string>; payload: Buffer }

function readMessage(bytes: Buffer): Message {
  if (crc32(bytes.subarray(0, bytes.length - 4)) !== bytes.readUInt32BE(bytes.length - 4)) throw new Error('the event stream is damaged: a message does not match its sum');
  const from = preludeBytes + bytes.readUInt32BE(4);
  return { headers: readHeaders(bytes.subarray(preludeBytes, from)), payload: bytes.subarray(from, bytes.length - 4) };
}

// The sizes of values by their type; those of bytes (6) and texts (7) say theirs.
const valueBytes: Record<number, number> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };
const textType = 7;

function readHeaders(bytes: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  try {
    for (let at = 0; at < bytes.length; ) {
      const nameEnd = at + 1 + bytes.readUInt8(at);
      const name = bytes.toString('utf8', at + 1, nameEnd);
      const type = bytes.readUInt8(nameEnd);
      const fixed = valueBytes[type];
      const from = nameEnd + (fixed === undefined ? 3 : 1);
      const to = from + (fixed ?? bytes.readUInt16BE(nameEnd + 1));
      if (to > bytes.length) throw new RangeError('a value is longer than all headers');
      if (type === textType) found.set(name, bytes.toString('utf8', from, to));
      at = to;
    }
  } catch (cause) {
    throw new Error('the event stream is damaged: its headers cannot be read', { cause });
  }
  return found;
}

/** The event for a message; undefined when it says nothing to the client. */
function frameOf({ headers, payload }: Message): { bytes: Uint8Array; last: boolean } | undefined {
  const kind = headers.get(':message-type');
  if (kind === 'event') {
    if (headers.get(':event-type') !== 'chunk') return undefined;
    const carried = textOf(objectOf(parseJson(payload.toString('utf8')))?.bytes);
    const text = carried === undefined ? '' : Buffer.from(carried, 'base64').toString('utf8');
    const event = objectOf(parseJson(text));
    if (!event) throw new Error('the event stream carries something that is no event');
    const type = /^\w+$/.exec(textOf(event.type) ?? '')?.[0];
    return { bytes: encodeSseFrame({ ...(type === undefined ? {} : { event: type }), data: text }), last: false };
  }
  const name = headers.get(':exception-type') ?? headers.get(':error-code') ?? 'error';
  const said = textOf(objectOf(parseJson(payload.toString('utf8')))?.message) ?? headers.get(':error-message') ?? 'The upstream gave no reason.';
  return { bytes: encodeSseFrame({ event: 'error', data: JSON.stringify({ type: 'error', error: { type: errorTypes[name] ?? 'api_error', message: `${name}: ${said}` } }) }), last: true };
}

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html
const errorTypes: Record<string, string> = {
  throttlingException: 'rate_limit_error', serviceUnavailableException: 'overloaded_error', validationException: 'invalid_request_error', modelTimeoutException: 'timeout_error',
};
