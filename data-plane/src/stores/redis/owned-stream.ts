// Only its owner writes: every script looks at the lock and at the stream's last entry before it changes anything.
import { Buffer } from 'node:buffer';
import { Redis } from 'ioredis';

/** What Redis says to a write. `there`: it was written by an earlier try. `other`: the stream ends elsewhere (empty: there is none). `taken`: another process has the lock. */
export type Said = { is: 'kept' } | { is: 'there' } | { is: 'other'; last: string } | { is: 'taken' };

/** Redis has refused it, as when it is full: nothing was written. */
export class RedisRefused extends Error {}

/** A stream, and two hashes beside it, that one process at a time may write. What is thrown beside RedisRefused leaves open whether it was written. */
export interface OwnedStream {
  /** One try to get the lock; else for how long its owner has it yet. */
  acquire(): Promise<{ mine: true } | { mine: false; leftMs: number }>;
  /** Keeps the lock; takes it again when it ran out and nobody else wrote since. */
  renew(last: string): Promise<Said>;
  /** Keeps the lock while nothing is written yet. */
  prolong(): Promise<Said>;
  release(): Promise<void>;
  /** One entry with this id, after that one. */
  append(last: string, id: string, bytes: Uint8Array): Promise<Said>;
  /** One entry of a stream in the making, after that one (none: it is the first); it is not seen before `swap`. */
  prepare(draft: string, last: string, id: string, bytes: Uint8Array): Promise<Said>;
  /** What was prepared takes the stream's place, if that still ends with `last`. */
  swap(draft: string, last: string, id: string): Promise<Said>;
  /** From the beginning, or after an entry; at most twenty of them. */
  read(after: string | undefined): Promise<{ id: string; bytes: Uint8Array }[]>;
  fields(): Promise<Record<string, string>>;
  keepFields(fields: Readonly<Record<string, string>>): Promise<Said>;
  /** The pieces with these names, in their order; undefined where there is none. */
  pieces(names: readonly string[]): Promise<(string | undefined)[]>;
  pieceNames(): Promise<string[]>;
  keepPieces(pieces: Readonly<Record<string, string>>): Promise<Said>;
  dropPieces(names: readonly string[]): Promise<Said>;
  /** A setting of the server; undefined where it may not be asked for. */
  setting(name: string): Promise<string | undefined>;
  /** Drops a connection that does not answer. */
  reconnect(): void;
  close(): void;
}

const guard = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return { 'taken' } end
`;
const ending = `
local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
local last = newest[1] and newest[1][1] or ''
`;
const hold = `redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { 'kept' }`;
const scripts = {
  renew: `${guard}${ending}
if last ~= ARGV[3] then return { 'other', last } end
${hold}`,
  append: `${guard}${ending}
if last == ARGV[4] then return { 'there' } end
if last ~= ARGV[3] or last == '' then return { 'other', last } end
redis.call('XADD', KEYS[2], ARGV[4], 'r', ARGV[5])
${hold}`,
  // What is never swapped in goes by itself.
  prepare: `${guard}${ending}
if last ~= ARGV[3] then return { 'other', last } end
redis.call('XADD', KEYS[2], ARGV[4], 'r', ARGV[5])
redis.call('PEXPIRE', KEYS[2], 120000)
${hold}`,
  swap: `${guard}${ending}
if last == ARGV[4] then return { 'there' } end
if last ~= ARGV[3] then return { 'other', last } end
local ready = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)
if not ready[1] or ready[1][1] ~= ARGV[4] then return { 'other', last } end
redis.call('RENAME', KEYS[3], KEYS[2])
redis.call('PERSIST', KEYS[2])
${hold}`,
  fields: `${guard}
for at = 3, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1]) end
${hold}`,
  drop: `${guard}
for at = 3, #ARGV do redis.call('HDEL', KEYS[2], ARGV[at]) end
${hold}`,
  prolong: `${guard}${hold}`,
  release: `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return { 'kept' }`,
} as const;

const readAtOnce = 20;

/** Connects; `name` is the beginning of all its keys, with the part in braces that keeps them in one slot of a cluster. */
export function openOwnedStream(at: { url: string; name: string; owner: string; lockMs: number; answerMs: number; onTrouble: (error: unknown) => void }): OwnedStream {
  const redis = new Redis(at.url, { maxRetriesPerRequest: 0, enableOfflineQueue: false, autoResendUnfulfilledCommands: false, commandTimeout: at.answerMs, connectTimeout: 2_000, retryStrategy: (times) => Math.min(100 * times, 1_000) });
  redis.on('error', at.onTrouble);
  let closed = false;
  const [lock, stream, hash, pieces] = [`${at.name}:lock`, `${at.name}:journal`, `${at.name}:kept`, `${at.name}:pieces`];
  const draftOf = (draft: string) => `${at.name}:draft:${draft}`;
  const run = async (script: string, keys: readonly string[], values: readonly (string | Buffer)[]): Promise<Said> => {
    let answer: unknown;
    try {
      answer = await redis.eval(script, keys.length, ...keys, at.owner, at.lockMs, ...values);
    } catch (cause) {
      throw cause instanceof Error && cause.name === 'ReplyError' ? new RedisRefused('Redis refuses it', { cause }) : cause;
    }
    const [is, last] = Array.isArray(answer) ? answer.map(String) : [];
    if (is === 'kept' || is === 'there' || is === 'taken') return { is };
    return { is: 'other', last: last ?? '' };
  };
  return {
    async acquire() {
      if ((await redis.set(lock, at.owner, 'PX', at.lockMs, 'NX')) === 'OK' || (await redis.get(lock)) === at.owner) return { mine: true };
      return { mine: false, leftMs: await redis.pttl(lock) };
    },
    renew: (last) => run(scripts.renew, [lock, stream], [last]),
    prolong: () => run(scripts.prolong, [lock], []),
    async release() { await run(scripts.release, [lock], []); },
    append: (last, id, bytes) => run(scripts.append, [lock, stream], [last, id, Buffer.from(bytes)]),
    prepare: (draft, last, id, bytes) => run(scripts.prepare, [lock, draftOf(draft)], [last, id, Buffer.from(bytes)]),
    swap: (draft, last, id) => run(scripts.swap, [lock, stream, draftOf(draft)], [last, id]),
    async read(after) {
      const entries = await redis.xrangeBuffer(stream, after === undefined ? '-' : `(${after}`, '+', 'COUNT', readAtOnce);
      return entries.map(([id, fields]) => ({ id: id.toString(), bytes: fields[1] ?? new Uint8Array() }));
    },
    fields: () => redis.hgetall(hash),
    keepFields: (fields) => run(scripts.fields, [lock, hash], Object.entries(fields).flat()),
    pieces: async (names) => (names.length === 0 ? [] : (await redis.hmget(pieces, ...names)).map((text) => text ?? undefined)),
    pieceNames: () => redis.hkeys(pieces),
    keepPieces: (some) => run(scripts.fields, [lock, pieces], Object.entries(some).flat()),
    dropPieces: (names) => run(scripts.drop, [lock, pieces], names),
    async setting(name) {
      const answer = await redis.config('GET', name).catch(() => []);
      return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined;
    },
    reconnect() { if (!closed) redis.disconnect(true); },
    close() {
      closed = true;
      redis.disconnect();
    },
  };
}
