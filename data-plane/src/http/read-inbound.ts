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
  const chunks: Uint8Array[] = [];
  let size = 0;
  const source = body[Symbol.asyncIterator]();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Fault('request.timeout', { detail: `${size} bytes after ${limits.timeoutMs} ms` })), limits.timeoutMs);
  try {
    for (;;) {
      const step = await Promise.race([source.next(), late.promise]);
      if (step.done === true) break;
      size += step.value.length;
      if (size > limits.maxBytes) throw tooLarge(limits);
      chunks.push(step.value);
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('client.left', { cause });
  } finally {
    clearTimeout(timer);
  }
  if (chunks.length === 1) return chunks[0] ?? new Uint8Array();
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) { all.set(chunk, at); at += chunk.length; }
  return all;
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
