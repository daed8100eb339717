import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Fault } from '@fairlead/shared/faults/fault.ts';

/** What is read of a body. */
export interface BodyLimits { maxBytes: number; timeoutMs: number }

const decoders = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) } as const;

/** The whole body, plain: limits on size and time hold while it comes, also for what it unpacks to. Throws a request.* Fault. */
export async function readBody(body: AsyncIterable<Uint8Array>, headers: ReadonlyMap<string, string>, limits: BodyLimits): Promise<Uint8Array> {
  const declared = Number(headers.get('content-length') ?? 0);
  if (declared > limits.maxBytes) throw tooLarge(limits);
  const encoding = (headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  const packed = await collect(body, limits);
  if (encoding === 'identity' || encoding === '') return packed;
  if (!(encoding in decoders)) throw new Fault('request.encoding', { detail: encoding.slice(0, 40) });
  try {
    return await decoders[encoding as keyof typeof decoders](packed, { maxOutputLength: limits.maxBytes });
  } catch (cause) {
    if (cause instanceof RangeError || (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE')) throw tooLarge(limits);
    throw new Fault('request.encoding', { hint: `It does not unpack as ${encoding}.`, cause });
  }
}

async function collect(body: AsyncIterable<Uint8Array>, limits: BodyLimits): Promise<Uint8Array> {
  // One growing buffer: a body in crumbs costs no more memory than its bytes.
  let all: Uint8Array = new Uint8Array(0);
  let size = 0;
  const source = body[Symbol.asyncIterator]();
  let stopWaiting: (fault: Fault) => void = () => undefined;
  const timer = setTimeout(() => stopWaiting(new Fault('request.timeout', { detail: `${size} bytes after ${limits.timeoutMs} ms` })), limits.timeoutMs);
  try {
    for (;;) {
      const step = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stopWaiting = reject;
        source.next().then(resolve, reject);
      });
      if (step.done === true) break;
      const needed = size + step.value.length;
      if (needed > limits.maxBytes) throw tooLarge(limits);
      if (size === 0) all = step.value;
      else {
        if (needed > all.length || size === all.length) {
          const grown = new Uint8Array(Math.min(limits.maxBytes, Math.max(needed, size * 2, 16_384)));
          grown.set(all.subarray(0, size));
          all = grown;
        }
        all.set(step.value, size);
      }
      size = needed;
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('client.left', { cause });
  } finally {
    clearTimeout(timer);
  }
  return all.subarray(0, size);
}

function tooLarge(limits: BodyLimits): Fault {
  return new Fault('request.too-large', { hint: `This node takes ${Math.floor(limits.maxBytes / 1024)} KB.` });
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The JSON object in a body. Throws `request.not-json` or `request.invalid`. */
export function parseBody(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new Fault('request.not-json', { ...(cause instanceof TypeError ? { hint: 'It is not UTF-8.' } : {}), cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Fault('request.invalid', { hint: 'The body must be a JSON object.' });
  return value as Record<string, unknown>;
}
