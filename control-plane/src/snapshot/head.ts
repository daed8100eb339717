import type { Database, Tx } from '@fairlead/prisma';
import { canonicalBytes } from '@fairlead/shared/snapshot/canonical.ts';
import { sealEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import { headEveryMs, headFreshMs } from '@fairlead/shared/snapshot/head.ts';
import type { Head } from '@fairlead/shared/snapshot/head.ts';
import { nodeGroup } from '@fairlead/shared/snapshot/snapshot.ts';
import type { FleetIdentity } from '../crypto/fleet.ts';
import { readNewestRoot, readSigner } from '../crypto/fleet.ts';
import type { Keyring } from '../crypto/keyring.ts';

/** What heads are signed with. */
export interface HeadParts { db: Database; keyring: Keyring; fleet: FleetIdentity; now: () => number }

/** Signs and stores the newest head. Its instant is later than the last one's, also when the clock was set back: nodes take rising ones only. */
export async function signHead(tx: Tx, parts: Omit<HeadParts, 'db'>, what: Pick<Head, 'revision' | 'manifest' | 'root'>, nowMs: number): Promise<void> {
  const last = await tx.snapshotHead.findUnique({ where: { name: nodeGroup }, select: { issuedAt: true } });
  const issuedAt = Math.max(nowMs, (last?.issuedAt.getTime() ?? 0) + 1);
  const head: Head = { fleet: parts.fleet.fleet, group: nodeGroup, issuedAt, freshUntil: issuedAt + headFreshMs, ...what };
  const row = { revision: what.revision, issuedAt: new Date(issuedAt), body: new Uint8Array(await sealEnvelope('fairlead/head/1', canonicalBytes(head), await readSigner(tx, parts.keyring, 'head'))) };
  await (last ? tx.snapshotHead.update({ where: { name: nodeGroup }, data: row }) : tx.snapshotHead.create({ data: { name: nodeGroup, ...row } }));
}

/** Signs the newest head again when it is older than half a minute; of several processes one does it. */
export async function renewHead(parts: HeadParts): Promise<void> {
  const isDue = (row: { issuedAt: Date } | null) => row !== null && parts.now() - row.issuedAt.getTime() >= headEveryMs;
  if (!isDue(await parts.db.client.snapshotHead.findUnique({ where: { name: nodeGroup }, select: { issuedAt: true } }))) return;
  await parts.db.transaction(async (tx) => {
    await tx.setting.updateMany({ where: { name: 'revision' }, data: { name: 'revision' } });
    const newest = await tx.snapshot.findFirst({ orderBy: { revision: 'desc' } });
    if (!newest || !isDue(await tx.snapshotHead.findUnique({ where: { name: nodeGroup }, select: { issuedAt: true } }))) return;
    const { root } = await readNewestRoot(tx);
    await signHead(tx, parts, { revision: newest.revision, manifest: { sha256: newest.sha256, bytes: newest.sizeBytes }, root: root.version }, parts.now());
  });
}
