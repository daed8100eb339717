import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEventStream } from './event-stream.ts';

/** A message as AWS writes it: prelude with its sum, headers of texts, payload, sum. */
function message(headers: Record<string, string>, payload: string | Buffer): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Buffer.byteLength(value));
    return Buffer.concat([Buffer.from([Buffer.byteLength(name)]), Buffer.from(name), Buffer.from([7]), length, Buffer.from(value)]);
  }));
  const body = Buffer.from(payload);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + head.length + body.length, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const whole = Buffer.concat([prelude, head, body]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(whole));
  return Buffer.concat([whole, sum]);
}

const chunk = (event: unknown) => message({ ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' }, JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcdef' }));
const exception = (name: string, said: string) => message({ ':exception-type': name, ':content-type': 'application/json', ':message-type': 'exception' }, JSON.stringify({ message: said }));
const sse = (event: { type: string }) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** What comes of these bytes, cut into pieces so, and how it ended. */
async function decoded(bytes: Uint8Array, cuts: readonly number[] = []): Promise<{ text: string; error?: string }> {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  async function* pieces() { for (const [at, from] of places.entries()) yield await Promise.resolve(bytes.subarray(from, places[at + 1] ?? bytes.length)); }
  const out: Uint8Array[] = [];
  try {
    for await (const piece of decodeEventStream(pieces())) out.push(piece);
  } catch (error) {
    return { text: Buffer.concat(out).toString(), error: String(error) };
  }
  return { text: Buffer.concat(out).toString() };
}

const events = fc.array(fc.record({ type: fc.constantFrom('message_start', 'content_block_delta', 'message_stop'), text: fc.string({ unit: 'grapheme', maxLength: 200 }) }), { maxLength: 8 });
const cuts = fc.array(fc.nat(10_000), { maxLength: 30 });

// Recorded in the AWS SDKs' own tests ("event-stream/encoded/positive"): a header of text and a payload of JSON.
test('a message that AWS publishes as an example is read', async () => {
  const published = Buffer.from('0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1', 'hex');
  // It is no event of Bedrock: that it is taken for an error shows that its sums and its headers hold.
  expect(await decoded(published)).toEqual({ text: expect.stringContaining('"type":"error"') });
});

test('whatever the pieces, each chunk becomes its event', async () => {
  await fc.assert(fc.asyncProperty(events, cuts, async (list, at) => {
    expect(await decoded(Buffer.concat(list.map(chunk)), at)).toEqual({ text: list.map(sse).join('') });
  }));
});

test('a stream that is cut anywhere but between messages is an error after what was whole', async () => {
  await fc.assert(fc.asyncProperty(events.filter((list) => list.length > 0), fc.nat(), cuts, async (list, end, at) => {
    const messages = list.map(chunk);
    const bytes = Buffer.concat(messages);
    const kept = end % bytes.length;
    let before = 0;
    let whole = 0;
    while (before + (messages[whole]?.length ?? Infinity) <= kept) before += messages[whole++]?.length ?? 0;
    const { text, error } = await decoded(bytes.subarray(0, kept), at);
    expect([text, error !== undefined]).toEqual([list.slice(0, whole).map(sse).join(''), before !== kept]);
  }));
});

test('one damaged bit is an error, and nothing from the damaged message on is passed on', async () => {
  await fc.assert(fc.asyncProperty(events.filter((list) => list.length > 0), fc.nat(), fc.nat(7), cuts, async (list, place, bit, at) => {
    const messages = list.map(chunk);
    const bytes = Buffer.concat(messages);
    const hit = place % bytes.length;
    bytes.writeUInt8(bytes.readUInt8(hit) ^ (1 << bit), hit);
    let before = 0;
    let whole = 0;
    while (before + (messages[whole]?.length ?? Infinity) <= hit) before += messages[whole++]?.length ?? 0;
    const { text, error } = await decoded(bytes, at);
    expect([text, error]).toEqual([list.slice(0, whole).map(sse).join(''), expect.stringMatching(/damaged|in the middle/)]);
  }));
});

test.each([['throttlingException', 'rate_limit_error'], ['modelStreamErrorException', 'api_error'], ['serviceUnavailableException', 'overloaded_error']])('%s is an error event of type %s, and the last one', async (name, type) => {
  const { text } = await decoded(Buffer.concat([chunk({ type: 'message_start' }), exception(name, 'Not now.'), chunk({ type: 'message_stop' })]));
  expect(text).toBe(sse({ type: 'message_start' }) + `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type, message: `${name}: Not now.` } })}\n\n`);
});

test('events of other kinds are passed over', async () => {
  expect(await decoded(message({ ':event-type': 'initial-response', ':message-type': 'event' }, '{}'))).toEqual({ text: '' });
});

test('a message larger than any event is refused at its beginning, not held', async () => {
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(0x7fffffff, 0);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  expect(await decoded(Buffer.concat([prelude, Buffer.alloc(100)]))).toEqual({ text: '', error: expect.stringContaining('a message of 2147483647 bytes') });
});

test('a chunk without an event in it is an error', async () => {
  expect(await decoded(message({ ':event-type': 'chunk', ':message-type': 'event' }, '{"bytes":"bm90IGpzb24="}'))).toMatchObject({ text: '', error: expect.stringContaining('no event') });
});
