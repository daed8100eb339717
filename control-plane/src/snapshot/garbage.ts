import type { Tx } from '@fairlead/prisma';
import { sectionNames } from '@fairlead/shared/snapshot/manifest.ts';
import type { Held } from './held.ts';
import { replaced } from './tree.ts';

/** How many revisions are remembered, and their pieces kept. */
export const keepSnapshots = 64;

/** What no revision needs any more goes after so many others, or after a day; never at once, for a node may be fetching it. */
const keepMs = 86_400_000;
const keepLeastMs = 600_000;
const atOnce = 500;

/** Notes which pieces the next revision does not need. */
export async function release(tx: Tx, before: Held, next: Held, nowMs: number): Promise<void> {
  const gone = [before.sha256, ...sectionNames.flatMap((name) => (before.branches[name] === next.branches[name] ? [] : replaced(before.branches[name], next.branches[name])))];
  for (let at = 0; at < gone.length; at += atOnce) {
    await tx.piece.updateMany({ where: { sha256: { in: gone.slice(at, at + atOnce) } }, data: { releasedAt: new Date(nowMs), releasedRevision: next.manifest.revision } });
  }
}

/** Notes that nothing is needed any more; what is written from now on is. */
export async function releaseAll(tx: Tx, revision: number, nowMs: number): Promise<void> {
  await tx.piece.updateMany({ where: { releasedAt: null }, data: { releasedAt: new Date(nowMs), releasedRevision: revision } });
}

/** Deletes what was not needed for long enough, some at a time. */
export async function collectGarbage(tx: Tx, revision: number, nowMs: number): Promise<void> {
  const before = (ms: number) => ({ releasedAt: { lt: new Date(nowMs - ms) } });
  const gone = await tx.piece.findMany({ where: { OR: [before(keepMs), { ...before(keepLeastMs), releasedRevision: { lte: revision - keepSnapshots } }] }, select: { sha256: true }, take: atOnce });
  if (gone.length > 0) await tx.piece.deleteMany({ where: { sha256: { in: gone.map(({ sha256 }) => sha256) } } });
}
