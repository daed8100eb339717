import { newId } from '@fairlead/shared/id.ts';
import type { Tx } from '@fairlead/prisma';

/** Tells operators, in the audit and in the transaction that set them aside, that events wait for a human. A repeat sets nothing aside and tells nothing. */
export async function noticeSetAside(tx: Tx, at: { nodeId: string; bootId: string }, count: number, reasons: readonly string[], now: Date): Promise<void> {
  await tx.auditEntry.create({
    data: { id: newId('audit', now.getTime()), actorKind: 'NODE', actorId: at.nodeId, action: 'usage.set-aside', objectId: at.nodeId, createdAt: now, detail: { bootId: at.bootId, count, reasons: [...new Set(reasons)].slice(0, 10) } },
  });
}
