import type { Database, Tx } from '@fairlead/prisma';
import { writeParts } from '@fairlead/shared/snapshot/list-part.ts';
import { listNames, sectionNames, writeManifest } from '@fairlead/shared/snapshot/manifest.ts';
import type { ListName, Manifest, SectionName } from '@fairlead/shared/snapshot/manifest.ts';
import { canonicalText } from '@fairlead/shared/snapshot/canonical.ts';
import { sealEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import { readLists } from '@fairlead/shared/snapshot/read-snapshot.ts';
import { nodeGroup, snapshotSchema } from '@fairlead/shared/snapshot/snapshot.ts';
import type { SnapshotLists } from '@fairlead/shared/snapshot/snapshot.ts';
import type { FleetIdentity } from '../crypto/fleet.ts';
import { readGroupKey, readLatestRoots, readNewestRoot, readSigner } from '../crypto/fleet.ts';
import type { Keyring } from '../crypto/keyring.ts';
import type { Log } from '../log.ts';
import { buildLists } from './build.ts';
import { collectLists } from './collect.ts';
import { allDirty, dirtyBy } from './dirty.ts';
import type { Dirty } from './dirty.ts';
import { collectGarbage, keepSnapshots, release, releaseAll } from './garbage.ts';
import { growKeys } from './grow-keys.ts';
import type { Regrown } from './grow-keys.ts';
import { signHead } from './head.ts';
import { readHeld } from './held.ts';
import type { Held } from './held.ts';
import { sealCredentials } from './seal-credentials.ts';
import { openPieceWriter, writeBranch } from './tree.ts';
import type { PieceWriter } from './tree.ts';

/** What publishing needs. `memory`: what this process published last, so that it need not be read again. */
export interface PublishParts { db: Database; keyring: Keyring; fleet: FleetIdentity; publicUrl: () => string; now: () => number; log?: Log; memory?: { held?: Held } }

/** What to look at beside the marks: everything, or all lists with the keys of some bins in turn, so that nothing stays wrong for long; or keys that were put into other bins. */
export interface Look { everything?: boolean; page?: number; regrown?: Regrown }

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
  if (marks.length === 0 && previous && !look.everything && look.page === undefined && !look.regrown && !behind) return { revision: previous.revision };
  // Exactly the marks that were read: a later id may have been committed meanwhile, an earlier one may come yet.
  for (let at = 0; at < marks.length; at += 500) await tx.dirtyMark.deleteMany({ where: { id: { in: marks.slice(at, at + 500).map((mark) => mark.id) } } });
  const nowMs = parts.now();
  const { root } = await readNewestRoot(tx);
  const held = previous === null ? undefined : remembered?.sha256 === previous.sha256 ? remembered : await readHeld(tx, previous.sha256, await readLatestRoots(tx));
  const dirty = look.everything || !held ? allDirty() : dirtyBy(marks);
  if (look.page !== undefined) for (const name of listNames) dirty.lists.add(name);
  const group = await readGroupKey(tx, parts.keyring);
  if (held && held.manifest.secretEpoch !== group.epoch) dirty.lists.add('upstreams');
  if (previous && !held) await releaseAll(tx, Math.max(floor, previous.revision) + 1, nowMs);

  const writer = openPieceWriter(tx, parts.db.sql);
  const lists = await listsNow(tx, parts, dirty, held, group, nowMs);
  const branches = { ...held?.branches } as Record<SectionName, Held['branches'][SectionName]>;
  for (const name of listNames) if (dirty.lists.has(name)) branches[name] = await growList(name, lists, held, writer);
  const keys = await growKeys(tx, { dirty, look, held, tenants: new Set(lists.tenants.map(({ id }) => id)), nowMs, writer });
  branches.keys = keys.branch;

  const manifest: Manifest = {
    schema: snapshotSchema, fleet: parts.fleet.fleet, group: nodeGroup, root: root.version, revision: Math.max(floor, previous?.revision ?? 0) + 1, issuedAt: nowMs, secretEpoch: group.epoch, hardStaleSeconds: 0, publicUrl: parts.publicUrl(),
    ...(previous ? { previous: previous.sha256 } : {}), keyCount: keys.count,
    sections: Object.fromEntries(sectionNames.map((name) => [name, { bits: branches[name].bits, pages: branches[name].pages }])) as Manifest['sections'],
  };
  if (held && previous && !behind && sameState(held.manifest, manifest)) {
    // Pieces that were damaged are there again.
    await writer.flush();
    return { revision: previous.revision, held };
  }
  const sha256 = await store(tx, parts, manifest, writer);
  const next: Held = { sha256, manifest, branches, lists };
  if (held) await release(tx, held, next, nowMs);
  if (manifest.revision % 16 === 0) await collectGarbage(tx, manifest.revision, nowMs);
  return { revision: manifest.revision, held: next };
}

/** Stores and signs a revision. */
async function store(tx: Tx, parts: PublishParts, manifest: Manifest, writer: PieceWriter): Promise<string> {
  const body = await sealEnvelope('fairlead/manifest/1', writeManifest(manifest), await readSigner(tx, parts.keyring, 'manifest'));
  const ref = await writer.put(body);
  await writer.flush();
  await tx.snapshot.create({ data: { revision: manifest.revision, sha256: ref.sha256, sizeBytes: ref.bytes, createdAt: new Date(manifest.issuedAt) } });
  await signHead(tx, parts, { revision: manifest.revision, manifest: ref, root: manifest.root }, manifest.issuedAt);
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
