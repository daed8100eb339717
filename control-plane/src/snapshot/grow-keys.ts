import type { Database, Tx } from '@fairlead/prisma';
import { binOfDigest, bitsFor, keysPerBin } from '@fairlead/shared/snapshot/bins.ts';
import { checkShard, createProfiles, keysInShard, writeShard } from '@fairlead/shared/snapshot/key-shard.ts';
import type { KeyRow } from '@fairlead/shared/snapshot/key-row.ts';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import { collectKeys, countKeys, digestsOfKeys } from './collect.ts';
import type { Dirty } from './dirty.ts';
import type { Held } from './held.ts';
import { hashOf, writeBranch } from './tree.ts';
import type { Branch, PieceWriter } from './tree.ts';
import type { Look } from './publish.ts';

/** Keys in other bins than those that are published, which were `base` then. Nothing needs the pieces yet. */
export interface Regrown { bits: number; refs: (Ref | undefined)[]; counts: number[]; base: Branch }

interface GrowParts { dirty: Dirty; look: Look; held: Held | undefined; tenants: ReadonlySet<string>; nowMs: number; writer: PieceWriter }

const keysAtOnce = 4000;

/** The keys' branch as it is now: only the bins of keys that changed are read, unless nobody knows which. */
export async function growKeys(tx: Tx, at: GrowParts): Promise<{ count: number; branch: Branch }> {
  const { dirty, held, look } = at;
  const digests = held && !dirty.allKeys ? await digestsOfKeys(tx, [...dirty.keyIds]) : undefined;
  if (!held || !digests) return growAll(tx, at);
  const base = held.branches.keys;
  const { regrown } = look;
  if (regrown && regrown.base.bits === base.bits) {
    const bins = new Set(digests.map((digest) => binOfDigest(digest, regrown.bits)));
    // What was published since it was begun.
    for (const [bin, ref] of base.refs.entries()) if (ref?.sha256 !== regrown.base.refs[bin]?.sha256) for (const other of overlapping(bin, base.bits, regrown.bits)) bins.add(other);
    const names = regrown.refs.flatMap((ref) => (ref ? [ref.sha256] : []));
    for (let from = 0; from < names.length; from += 500) await tx.piece.updateMany({ where: { sha256: { in: names.slice(from, from + 500) } }, data: { releasedAt: null, releasedRevision: null } });
    return growBins(tx, at, { bits: regrown.bits, refs: regrown.refs, counts: regrown.counts }, bins);
  }
  const bins = new Set([...digests.map((digest) => binOfDigest(digest, base.bits)), ...binsInTurn(look.page, base.bits)]);
  if (bins.size === 0) return { count: held.manifest.keyCount, branch: base };
  return growBins(tx, at, { bits: base.bits, refs: base.refs, total: held.manifest.keyCount }, bins);
}

/** Reads these bins anew; the others stay. */
async function growBins(tx: Tx, at: GrowParts, from: { bits: number; refs: readonly (Ref | undefined)[]; counts?: readonly number[]; total?: number }, bins: ReadonlySet<number>): Promise<{ count: number; branch: Branch }> {
  const put = shardWriter(at.tenants, at.writer, from.bits);
  const refs = [...from.refs];
  let count = from.total ?? from.counts?.reduce((sum, keys) => sum + keys, 0) ?? 0;
  for (const bin of bins) {
    const before = refs[bin];
    const rows = await collectKeys(tx, { first: bin, count: 1, bits: from.bits }, at.nowMs);
    count += rows.length - (from.counts?.[bin] ?? (before ? keysInShard((await tx.piece.findUniqueOrThrow({ where: { sha256: before.sha256 } })).body) : 0));
    refs[bin] = await put(rows, bin);
  }
  return { count, branch: await writeBranch('keys', from.bits, refs, at.held?.branches.keys, at.writer) };
}

async function growAll(tx: Tx, at: GrowParts): Promise<{ count: number; branch: Branch }> {
  const bits = bitsFor(await countKeys(tx, at.nowMs), keysPerBin, at.held?.branches.keys.bits);
  const put = shardWriter(at.tenants, at.writer, bits);
  const refs: (Ref | undefined)[] = [];
  let count = 0;
  await eachBin(tx, bits, at.nowMs, async (rows, bin) => {
    count += rows.length;
    refs.push(await put(rows, bin));
  });
  return { count, branch: await writeBranch('keys', bits, refs, at.held?.branches.keys, at.writer) };
}

/** Puts keys into as many bins as there should be, when that is not as many as there are: without holding anybody up, a few bins at a time. */
export async function regrowKeys(db: Database, held: Held, nowMs: number): Promise<Regrown | undefined> {
  const base = held.branches.keys;
  const bits = bitsFor(held.manifest.keyCount, keysPerBin, base.bits);
  if (bits === base.bits) return undefined;
  const tenants = new Set(held.lists.tenants.map(({ id }) => id));
  const regrown: Regrown = { bits, refs: [], counts: [], base };
  let pending: [sha256: string, body: Uint8Array][] = [];
  const flush = async () => {
    const rows = pending.map(([sha256, body]) => [sha256, body, new Date(nowMs), held.manifest.revision] as const);
    pending = [];
    // Those that are there already are needed by somebody: they stay as they are.
    if (rows.length > 0) await db.transaction((tx) => db.sql.insertIgnore(tx, 'piece', ['sha256', 'body', 'released_at', 'released_revision'], rows));
  };
  const put = shardWriter(tenants, {
    async put(body) {
      const sha256 = hashOf(body);
      if (pending.push([sha256, body]) >= 100) await flush();
      return { sha256, bytes: body.length };
    },
    flush,
  }, bits);
  try {
    await eachBin(db.client, bits, nowMs, async (rows, bin) => {
      regrown.counts.push(rows.length);
      regrown.refs.push(await put(rows, bin));
    });
  } catch (cause) {
    // A tenant that has come meanwhile: another time.
    if (cause instanceof Error && 'code' in cause && cause.code === 'dangling') return undefined;
    throw cause;
  }
  await flush();
  return regrown;
}

/** Reads all keys, some bins at a time, and gives them bin by bin. */
async function eachBin(tx: Parameters<typeof collectKeys>[0], bits: number, nowMs: number, take: (rows: readonly KeyRow[], bin: number) => Promise<void>): Promise<void> {
  const each = (await countKeys(tx, nowMs)) / 2 ** bits;
  const binsAtOnce = Math.max(1, Math.min(2 ** bits, Math.floor(keysAtOnce / Math.max(1, each))));
  for (let first = 0; first < 2 ** bits; first += binsAtOnce) {
    const some = Math.min(binsAtOnce, 2 ** bits - first);
    const byBin: KeyRow[][] = Array.from({ length: some }, () => []);
    for (const row of await collectKeys(tx, { first, count: some, bits }, nowMs)) byBin[binOfDigest(row.digest, bits) - first]?.push(row);
    for (const [index, rows] of byBin.entries()) await take(rows, first + index);
  }
}

/** Writes shards; what a node would refuse must never be published. */
function shardWriter(tenants: ReadonlySet<string>, writer: PieceWriter, bits: number): (rows: readonly KeyRow[], bin: number) => Promise<Ref | undefined> {
  const profiles = createProfiles();
  return async (rows, bin) => {
    const shard = writeShard(rows, bin);
    if (!shard) return undefined;
    checkShard(shard, bin, bits, tenants, profiles);
    return writer.put(shard);
  };
}

/** The bins of another count that hold what this one does. */
function overlapping(bin: number, bits: number, others: number): number[] {
  if (others <= bits) return [bin >>> (bits - others)];
  const each = 2 ** (others - bits);
  return Array.from({ length: each }, (_, at) => bin * each + at);
}

/** Some bins, others at each turn. */
function binsInTurn(turn: number | undefined, bits: number): number[] {
  if (turn === undefined) return [];
  const some = Math.min(2 ** bits, 64);
  const first = (turn * some) % 2 ** bits;
  return Array.from({ length: some }, (_, at) => first + at);
}
