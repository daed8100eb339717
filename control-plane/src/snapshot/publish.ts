import { createHash } from 'node:crypto';
import type { Database, Tx } from '@fairlead/prisma';
import { sealBytes } from '@fairlead/shared/crypto/seal.ts';
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import { canonicalBytes, canonicalText } from '@fairlead/shared/snapshot/canonical.ts';
import { openEnvelope, sealEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import { readSnapshot } from '@fairlead/shared/snapshot/read-snapshot.ts';
import { credentialAad } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Snapshot } from '@fairlead/shared/snapshot/snapshot.ts';
import type { FleetIdentity, GroupKey } from '../crypto/fleet.ts';
import { readGroupKey } from '../crypto/fleet.ts';
import { WrongKek } from '../crypto/keyring.ts';
import type { CredentialPlace, Keyring } from '../crypto/keyring.ts';
import { describeError } from '../log.ts';
import type { Log } from '../log.ts';
import { buildSnapshot } from './build.ts';
import type { SealedCredentials } from './build.ts';
import { collect } from './collect.ts';
import type { SnapshotRows } from './collect.ts';

/** What publishing needs. */
export interface PublishParts { db: Database; keyring: Keyring; fleet: FleetIdentity; publicUrl: () => string; now: () => number; log?: Log }

const keepSnapshots = 20;

/**
 * Publishes when something was marked (or always, with `force`): marks read and deleted, state read, revision raised
 * and snapshot stored in one transaction. Resolves with the newest revision.
 */
export async function publishSnapshot(parts: PublishParts, force = false): Promise<number> {
  return parts.db.transaction(async (tx) => {
    // Publishers queue here, also those of other processes; revisions can therefore only rise.
    await tx.setting.updateMany({ where: { name: 'revision' }, data: { name: 'revision' } });
    const previousRow = await tx.snapshot.findFirst({ orderBy: { revision: 'desc' } });
    const marks = await tx.dirtyMark.findMany({ select: { id: true }, orderBy: { id: 'asc' }, take: 5000 });
    const floor = Number((await tx.setting.findUnique({ where: { name: 'revision' } }))?.value ?? 0);
    // Above the newest snapshot it stands only after a restore: nodes hold later revisions than this database, and take newer ones only.
    const behind = previousRow !== null && floor > previousRow.revision;
    if (marks.length === 0 && previousRow && !force && !behind) return previousRow.revision;
    // Exactly the marks that were read: a later id may have been committed meanwhile, an earlier one may come yet.
    for (let at = 0; at < marks.length; at += 500) await tx.dirtyMark.deleteMany({ where: { id: { in: marks.slice(at, at + 500).map((mark) => mark.id) } } });
    const nowMs = parts.now();
    const rows = await collect(tx, nowMs);
    const group = await readGroupKey(tx, parts.keyring);
    const previous = previousRow ? await readPrevious(parts.fleet, previousRow.body) : undefined;
    const sealed = await sealCredentials(parts, rows, group, previous);
    const revision = Math.max(floor, previousRow?.revision ?? 0) + 1;
    const snapshot = buildSnapshot({ fleet: parts.fleet.fleet, revision, issuedAt: nowMs, secretEpoch: group.epoch, publicUrl: parts.publicUrl() }, rows, sealed);
    if (previous && previousRow && !behind && sameState(previous, snapshot)) return previousRow.revision;
    await store(tx, parts, snapshot);
    return revision;
  }, { timeoutMs: 15_000, isolation: 'RepeatableRead' });
}

async function store(tx: Tx, parts: PublishParts, snapshot: Snapshot): Promise<void> {
  const payload = canonicalBytes(snapshot);
  // What a node would refuse must never be signed.
  readSnapshot(payload);
  const body = new Uint8Array(await sealEnvelope('fairlead/snapshot/1', payload, parts.fleet.signing));
  const sha256 = createHash('sha256').update(body).digest('hex');
  await tx.snapshot.create({ data: { revision: snapshot.revision, sha256, sizeBytes: body.length, body, createdAt: new Date(snapshot.issuedAt) } });
  await tx.setting.update({ where: { name: 'revision' }, data: { value: String(snapshot.revision) } });
  await tx.snapshot.deleteMany({ where: { revision: { lte: snapshot.revision - keepSnapshots } } });
}

async function readPrevious(fleet: FleetIdentity, body: Uint8Array): Promise<Snapshot | undefined> {
  try {
    return readSnapshot(await openEnvelope('fairlead/snapshot/1', body, [fleet.signing.publicKey]));
  } catch {
    // A damaged row must not stop publishing: the next revision replaces it.
    return undefined;
  }
}

function sameState(before: Snapshot, after: Snapshot): boolean {
  const state = (snapshot: Snapshot) => canonicalText({ ...snapshot, revision: 0, issuedAt: 0 });
  return state(before) === state(after);
}

/** A credential that does not open is left out: one damaged row must not keep revocations from the nodes. The install's own keys were opened before, so it is this row that is wrong. */
async function openOrSkip(parts: PublishParts, at: CredentialPlace, sealed: string): Promise<Secret | undefined> {
  try {
    return await parts.keyring.openCredential(at, sealed);
  } catch (cause) {
    if (!(cause instanceof WrongKek)) throw cause;
    parts.log?.error('snapshot.credential-left-out', { upstream: at.upstreamId, credential: at.credentialId, ...describeError(cause) });
    return undefined;
  }
}

/** Seals credentials under the group key. What the previous snapshot holds of the same version is taken from it, so that equal state gives equal bytes. */
async function sealCredentials(parts: PublishParts, rows: SnapshotRows, group: GroupKey, previous: Snapshot | undefined): Promise<SealedCredentials> {
  const known = new Map<string, string>();
  if (previous?.secretEpoch === group.epoch) {
    for (const upstream of previous.upstreams) for (const one of upstream.credentials) known.set(`${upstream.id}|${one.id}|${one.version}`, one.sealed);
  }
  const sealed = new Map<string, string>();
  for (const upstream of rows.upstreams) {
    for (const one of upstream.credentials) {
      const reused = known.get(`${upstream.id}|${one.id}|${one.version}`);
      if (reused !== undefined) { sealed.set(one.id, reused); continue; }
      const secret = await openOrSkip(parts, { upstreamId: upstream.id, credentialId: one.id, version: one.version }, one.sealed);
      if (!secret) continue;
      const aad = credentialAad({ fleet: parts.fleet.fleet, epoch: group.epoch, upstream: upstream.id, credential: one.id, version: one.version });
      sealed.set(one.id, await sealBytes(group.key, new TextEncoder().encode(secret.reveal()), aad));
    }
  }
  return sealed;
}
