import type { Database, Tx } from '@fairlead/prisma';
import { binOfDigest, bitsFor, keysPerBin } from '@fairlead/shared/snapshot/bins.ts';
import { checkShard, createProfiles, keysInShard, writeShard } from '@fairlead/shared/snapshot/key-shard.ts';
import type { KeyRow } from '@fairlead/shared/snapshot/key-row.ts';
import { writeParts } from '@fairlead/shared/snapshot/list-part.ts';
import { listNames, sectionNames, writeManifest } from '@fairlead/shared/snapshot/manifest.ts';
import type { ListName, Manifest, SectionName } from '@fairlead/shared/snapshot/manifest.ts';
import { canonicalText } from '@fairlead/shared/snapshot/canonical.ts';
import { sealEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import { readLists } from '@fairlead/shared/snapshot/read-snapshot.ts';
import type { Root } from '@fairlead/shared/snapshot/root.ts';
import { nodeGroup, snapshotSchema } from '@fairlead/shared/snapshot/snapshot.ts';
import type { SnapshotLists } from '@fairlead/shared/snapshot/snapshot.ts';
import type { FleetIdentity } from '../crypto/fleet.ts';
import { readGroupKey, readNewestRoot, readSigner } from '../crypto/fleet.ts';
import type { Keyring } from '../crypto/keyring.ts';
import type { Log } from '../log.ts';
import { buildLists } from './build.ts';
import { collectKeys, collectLists, countKeys, digestsOfKeys } from './collect.ts';
import { allDirty, dirtyBy } from './dirty.ts';
import type { Dirty } from './dirty.ts';
import { collectGarbage, keepSnapshots, release, releaseAll } from './garbage.ts';
import { signHead } from './head.ts';
import { readHeld } from './held.ts';
import type { Held } from './held.ts';
import { sealCredentials } from './seal-credentials.ts';
import { openPieceWriter, writeBranch } from './tree.ts';
import type { PieceWriter } from './tree.ts';

/** What publishing needs. `memory`: what this process published last, so that it need not be read again. */
export interface PublishParts { db: Database; keyring: Keyring; fleet: FleetIdentity; publicUrl: () => string; now: () => number; log?: Log; memory?: { held?: Held } }

/** What to look at beside the marks: everything, or all lists with the keys of some bins in turn, so that nothing stays wrong for long. */
export interface Look { everything?: boolean; page?: number }

/** Reading a million keys takes its time. */
const mostMs = 180_000;

/**
 * Publishes when something was marked (or to be looked at): marks read and deleted, what they made stale read anew, pieces
 * written, the revision raised and its manifest and head signed, in one transaction. Resolves with the newest revision.
 */
export async function publishSnapshot(parts: PublishParts, look: Look = {}): Promise<number> {
  const memory = parts.memory ?? {};
  const { revision, held } = await parts.db.transaction((tx) => publishIn(tx, parts, look, memory.held), { timeoutMs: mostMs, isolation: 'RepeatableRead' });
  // Only what was committed is remembered.
  if (held) memory.held = held;
  return revision;
}

async function publishIn(tx: Tx, parts: PublishParts, look: Look, remembered: Held | undefined): Promise<{ revision: number; held?: Held }> {
  // Publishers queue here, also those of other processes; revisions can therefore only rise.
  await tx.setting.updateMany({ where: { name: 'revision' }, data: { name: 'revision' } });
  const previous = await tx.snapshot.findFirst({ orderBy: { revision: 'desc' } });
  const marks = await tx.dirtyMark.findMany({ orderBy: { id: 'asc' }, take: 5000 });
  const floor = Number((await tx.setting.findUnique({ where: { name: 'revision' } }))?.value ?? 0);
  // Above the newest snapshot it stands only after a restore: nodes hold later revisions than this database, and take newer ones only.
  const behind = previous !== null && floor > previous.revision;
  if (marks.length === 0 && previous && !look.everything && look.page === undefined && !behind) return { revision: previous.revision };
  // Exactly the marks that were read: a later id may have been committed meanwhile, an earlier one may come yet.
  for (let at = 0; at < marks.length; at += 500) await tx.dirtyMark.deleteMany({ where: { id: { in: marks.slice(at, at + 500).map((mark) => mark.id) } } });
  const nowMs = parts.now();
  const { root } = await readNewestRoot(tx);
  const held = previous === null ? undefined : remembered?.sha256 === previous.sha256 && remembered.manifest.root === root.version ? remembered : await readHeld(tx, previous.sha256, root);
  const dirty = look.everything || !held ? allDirty() : dirtyBy(marks);
  if (look.page !== undefined) for (const name of listNames) dirty.lists.add(name);
  const group = await readGroupKey(tx, parts.keyring);
  if (held && held.manifest.secretEpoch !== group.epoch) dirty.lists.add('upstreams');
  if (previous && !held) await releaseAll(tx, Math.max(floor, previous.revision) + 1, nowMs);

  const writer = openPieceWriter(tx);
  const lists = await listsNow(tx, parts, dirty, held, group, nowMs);
  const branches = { ...held?.branches } as Record<SectionName, Held['branches'][SectionName]>;
  for (const name of listNames) if (dirty.lists.has(name)) branches[name] = await growList(name, lists, held, writer);
  const keys = await growKeys(tx, { dirty, look, held, tenants: new Set(lists.tenants.map(({ id }) => id)), nowMs, writer });
  branches.keys = keys.branch;
  await writer.flush();

  const manifest: Manifest = {
    schema: snapshotSchema, fleet: parts.fleet.fleet, group: nodeGroup, root: root.version, revision: Math.max(floor, previous?.revision ?? 0) + 1, issuedAt: nowMs, secretEpoch: group.epoch, hardStaleSeconds: 0, publicUrl: parts.publicUrl(),
    ...(previous ? { previous: previous.sha256 } : {}), keyCount: keys.count,
    sections: Object.fromEntries(sectionNames.map((name) => [name, { bits: branches[name].bits, pages: branches[name].pages }])) as Manifest['sections'],
  };
  if (held && previous && !behind && sameState(held.manifest, manifest)) return { revision: previous.revision, held };
  const sha256 = await store(tx, parts, manifest, root);
  const next: Held = { sha256, manifest, branches, lists };
  if (held) await release(tx, held, next, nowMs);
  await collectGarbage(tx, manifest.revision, nowMs);
  return { revision: manifest.revision, held: next };
}

/** Stores and signs a revision. */
async function store(tx: Tx, parts: PublishParts, manifest: Manifest, root: Root): Promise<string> {
  const body = await sealEnvelope('fairlead/manifest/1', writeManifest(manifest), await readSigner(tx, parts.keyring, 'manifest'));
  const writer = openPieceWriter(tx);
  const ref = await writer.put(body);
  await writer.flush();
  await tx.snapshot.create({ data: { revision: manifest.revision, sha256: ref.sha256, sizeBytes: ref.bytes, createdAt: new Date(manifest.issuedAt) } });
  await signHead(tx, parts, { revision: manifest.revision, manifest: ref, root: root.version }, manifest.issuedAt);
  await tx.setting.update({ where: { name: 'revision' }, data: { value: String(manifest.revision) } });
  await tx.snapshot.deleteMany({ where: { revision: { lte: manifest.revision - keepSnapshots } } });
  return ref.sha256;
}

function sameState(before: Manifest, after: Manifest): boolean {
  const state = ({ previous: _, ...manifest }: Manifest) => canonicalText({ ...manifest, revision: 0, issuedAt: 0 });
  return state(before) === state(after);
}

/** The lists as they are now; what is not stale is as published. What a node would refuse must never be signed. */
async function listsNow(tx: Tx, parts: PublishParts, dirty: Dirty, held: Held | undefined, group: Awaited<ReturnType<typeof readGroupKey>>, nowMs: number): Promise<SnapshotLists> {
  if (held && dirty.lists.size === 0) return held.lists;
  const rows = await collectLists(tx, dirty.lists, new Set(held?.lists.upstreams.map(({ id }) => id)));
  const built = buildLists(rows, await sealCredentials(parts, rows, group, held), nowMs);
  return readLists(Object.fromEntries(listNames.map((name) => [name, held && !dirty.lists.has(name) ? held.lists[name] : built[name]])));
}

async function growList<Name extends ListName>(name: Name, lists: SnapshotLists, held: Held | undefined, writer: PieceWriter) {
  const { bits, parts } = writeParts(name, lists[name], held?.branches[name].bits);
  const refs: (Ref | undefined)[] = [];
  for (const part of parts) refs.push(part && (await writer.put(part)));
  return writeBranch(name, bits, refs, held?.branches[name], writer);
}

const keysAtOnce = 4000;

/** The keys' branch as it is now: only the bins of keys that changed are read. */
async function growKeys(tx: Tx, at: { dirty: Dirty; look: Look; held: Held | undefined; tenants: ReadonlySet<string>; nowMs: number; writer: PieceWriter }) {
  const { dirty, held, nowMs, writer } = at;
  const profiles = createProfiles();
  const digests = held && !dirty.allKeys ? await digestsOfKeys(tx, [...dirty.keyIds]) : undefined;
  if (held && digests) {
    const { bits } = held.branches.keys;
    const bins = new Set(digests.map((digest) => binOfDigest(digest, bits)));
    for (const bin of binsOfPage(at.look.page, bits)) bins.add(bin);
    const refs = [...held.branches.keys.refs];
    let count = held.manifest.keyCount;
    for (const bin of bins) {
      const before = refs[bin];
      const rows = await collectKeys(tx, { first: bin, count: 1, bits }, nowMs);
      count += rows.length - (before ? keysInShard((await tx.piece.findUniqueOrThrow({ where: { sha256: before.sha256 } })).body) : 0);
      refs[bin] = await putShard(rows, bin, bits);
    }
    if (bitsFor(count, keysPerBin, bits) === bits) return { count, branch: bins.size === 0 ? held.branches.keys : await writeBranch('keys', bits, refs, held.branches.keys, writer) };
  }
  const count = await countKeys(tx, nowMs);
  const bits = bitsFor(count, keysPerBin, held?.branches.keys.bits);
  const binsAtOnce = Math.max(1, Math.min(2 ** bits, Math.floor(keysAtOnce / Math.max(1, count / 2 ** bits))));
  const refs: (Ref | undefined)[] = [];
  let read = 0;
  for (let first = 0; first < 2 ** bits; first += binsAtOnce) {
    const some = Math.min(binsAtOnce, 2 ** bits - first);
    const byBin: KeyRow[][] = Array.from({ length: some }, () => []);
    for (const row of await collectKeys(tx, { first, count: some, bits }, nowMs)) byBin[binOfDigest(row.digest, bits) - first]?.push(row);
    for (const [index, rows] of byBin.entries()) {
      read += rows.length;
      refs.push(await putShard(rows, first + index, bits));
    }
  }
  return { count: read, branch: await writeBranch('keys', bits, refs, held?.branches.keys, writer) };

  async function putShard(rows: readonly KeyRow[], bin: number, bits_: number): Promise<Ref | undefined> {
    const shard = writeShard(rows, bin);
    if (!shard) return undefined;
    checkShard(shard, bin, bits_, at.tenants, profiles);
    return writer.put(shard);
  }
}

/** The bins of one page, or fewer where bins are few. */
function binsOfPage(page: number | undefined, bits: number): number[] {
  if (page === undefined) return [];
  const some = Math.min(2 ** bits, 64);
  const first = (page * some) % 2 ** bits;
  return Array.from({ length: some }, (_, at) => first + at);
}
