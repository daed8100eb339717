import { Buffer, isAscii } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { systemClock } from '@fairlead/shared/time/clock.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';

/** What is read of a body. */
export interface BodyLimits { maxBytes: number; timeoutMs: number; /** Whose alarms keep the time. */ clock?: Pick<Clock, 'alarm'> }

const decoders = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) } as const;

/** The whole body, plain: limits on size and time hold while it comes, also for what it unpacks to. Throws a request.* Fault. */
export function readBody(read: (limits: BodyLimits) => Promise<Uint8Array>, headers: ReadonlyMap<string, string>, limits: BodyLimits): Promise<Uint8Array> {
  const declared = Number(headers.get('content-length') ?? 0);
  if (declared > limits.maxBytes) throw tooLarge(limits);
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  return encoding === '' || encoding === 'identity' ? read(limits) : unpacked(read(limits), encoding, limits);
}

async function unpacked(reading: Promise<Uint8Array>, encoding: string, limits: BodyLimits): Promise<Uint8Array> {
  const packed = await reading;
  if (!(encoding in decoders)) throw new Fault('request.encoding', { detail: encoding.slice(0, 40) });
  try {
    return await decoders[encoding as keyof typeof decoders](packed, { maxOutputLength: limits.maxBytes });
  } catch (cause) {
    if (cause instanceof RangeError || (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE')) throw tooLarge(limits);
    throw new Fault('request.encoding', { hint: `It does not unpack as ${encoding}.`, cause });
  }
}

const trustedBytes = 1024 * 1024;

/** Gathers a body in one growing buffer: in crumbs it costs no more memory than its bytes. Throws `request.too-large`. */
function createGathering(limits: BodyLimits, declaredBytes = 0): { add(bytes: Uint8Array): void; size(): number; all(): Uint8Array } {
  let held: Uint8Array = new Uint8Array(0);
  let size = 0;
  return {
    add(bytes) {
      const needed = size + bytes.length;
      if (needed > limits.maxBytes) throw tooLarge(limits);
      if (size === 0 && (declaredBytes <= needed || declaredBytes > trustedBytes)) held = bytes;
      else {
        // A client that announces its size gets room for it at once; only for so much that it is worth nothing to lie.
        if (size === 0) held = Buffer.allocUnsafeSlow(declaredBytes);
        if (needed > held.length || size === held.length) {
          const grown = new Uint8Array(Math.min(limits.maxBytes, Math.max(needed, size * 2, 16_384)));
          grown.set(held.subarray(0, size));
          held = grown;
        }
        held.set(bytes, size);
      }
      size = needed;
    },
    size: () => size,
    all: () => (size === held.length ? held : held.subarray(0, size)),
  };
}

/** The bytes of a web stream. */
export async function collect(body: AsyncIterable<Uint8Array>, limits: BodyLimits): Promise<Uint8Array> {
  const gathered = createGathering(limits);
  const source = body[Symbol.asyncIterator]();
  let stopWaiting: (fault: Fault) => void = () => undefined;
  const timer = setTimeout(() => stopWaiting(tooSlow(gathered.size(), limits)), limits.timeoutMs);
  try {
    for (;;) {
      const step = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stopWaiting = reject;
        source.next().then(resolve, reject);
      });
      if (step.done === true) return gathered.all();
      gathered.add(step.value);
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('client.left', { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** The bytes of a request on Node, by its events: an iterator costs more than the body of most requests. */
export function collectIncoming(incoming: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const gathered = createGathering(limits, Number(incoming.headers['content-length'] ?? 0));
    // The listeners stay until the request goes: taking back four costs more than a look at this.
    let over = false;
    const fail = (fault: Fault) => { over = true; cancel(); incoming.pause(); reject(fault); };
    const take = (bytes: Uint8Array) => {
      if (over) return;
      try { gathered.add(bytes); } catch (cause) { fail(cause instanceof Fault ? cause : new Fault('node.bug', { cause })); }
    };
    const done = () => { if (!over) { over = true; cancel(); resolve(gathered.all()); } };
    const broken = (cause?: Error) => { if (!over) fail(new Fault('client.left', { cause })); };
    const cancel = (limits.clock ?? systemClock).alarm(limits.timeoutMs, () => { if (!over) fail(tooSlow(gathered.size(), limits)); });
    if (incoming.destroyed && !incoming.readableEnded) { broken(); return; }
    incoming.on('data', take).on('end', done).on('error', broken).on('close', broken);
  });
}

function tooLarge(limits: BodyLimits): Fault {
  return new Fault('request.too-large', { hint: `This node takes ${Math.floor(limits.maxBytes / 1024)} KB.` });
}

function tooSlow(sizeBytes: number, limits: BodyLimits): Fault {
  return new Fault('request.timeout', { detail: `${sizeBytes} bytes after ${limits.timeoutMs} ms` });
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A body as text, and the JSON object in it. Throws `request.not-json` or `request.invalid`. */
export function parseBody(bytes: Uint8Array): { text: string; json: Record<string, unknown> } {
  let text: string;
  let value: unknown;
  try {
    // Most bodies are plain ASCII, which needs no decoding.
    text = isAscii(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') : decoder.decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault('request.not-json', { ...(cause instanceof TypeError ? { hint: 'It is not UTF-8.' } : {}), cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Fault('request.invalid', { hint: 'The body must be a JSON object.' });
  return { text, json: value as Record<string, unknown> };
}
