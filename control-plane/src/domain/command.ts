import type { Prisma, Tx } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { describeError } from '../log.ts';
import type { Actor } from './actor.ts';
import type { Domain } from './domain.ts';
import { Refused } from './problem.ts';
import type { Result } from './problem.ts';

/** What goes into the audit; never a secret. */
export interface AuditNote { action: string; objectId?: string; tenantId?: string | null; detail?: Prisma.InputJsonObject }

/** A command while it runs: its transaction, its audit, and what the snapshot must learn. */
export interface Command {
  readonly tx: Tx;
  readonly actor: Actor;
  /** One instant for the whole command. */
  readonly now: Date;
  audit(note: AuditNote): Promise<void>;
  /** Says that something a snapshot shows has changed. */
  mark(kind: string, objectId: string): Promise<void>;
}

/** How long an answer waits for the live nodes to apply a change. */
export const propagationDeadlineMs = 2000;

/**
 * Runs a command: one transaction, then publishing, then (when asked) the live nodes' acknowledgement.
 * The work may run several times, so ids and secrets are made before it.
 */
export async function runCommand<T>(domain: Domain, actor: Actor, work: (command: Command) => Promise<T>, options: { propagate?: boolean } = {}): Promise<Result<T>> {
  let marked = false;
  let value: T;
  try {
    value = await domain.db.transaction(async (tx) => {
      marked = false;
      const now = new Date(domain.clock.now());
      return work({
        tx, actor, now,
        audit: (note) => writeAudit(tx, actor, now, note),
        async mark(kind, objectId) {
          marked = true;
          await tx.dirtyMark.create({ data: { kind, objectId } });
        },
      });
    });
  } catch (cause) {
    if (cause instanceof Refused) return { ok: false, problems: cause.problems };
    throw cause;
  }
  if (!marked) return { ok: true, value, warnings: [] };
  let revision: number;
  try {
    revision = await domain.publishing.publish();
  } catch (cause) {
    // The change is committed and its mark stays: whoever publishes next takes it along.
    domain.log.error('snapshot.publish-failed', describeError(cause));
    return { ok: true, value, warnings: [{ code: 'NOT_PROPAGATED', message: 'The change is saved, but could not be published yet.', fix: 'It is tried again every second. If it stays so, look at the control plane\'s log.' }] };
  }
  if (!options.propagate) return { ok: true, value, warnings: [], revision };
  const late = await domain.publishing.waitForNodes(revision, propagationDeadlineMs);
  return {
    ok: true, value, revision,
    warnings: late.length === 0 ? [] : [{ code: 'NOT_PROPAGATED', message: `The change is saved, but not every node has applied it yet: ${late.join(', ')}.`, fix: 'Wait a moment. If it stays so, look at the nodes.' }],
  };
}

/** Writes one audit row in the transaction of the change. */
export async function writeAudit(tx: Tx, actor: Actor, now: Date, note: AuditNote): Promise<void> {
  const actorId = actor.kind === 'SYSTEM' || actor.kind === 'PUBLIC' ? null : actor.id;
  await tx.auditEntry.create({
    data: {
      id: newId('audit', now.getTime()), actorKind: actor.kind, actorId, action: note.action, objectId: note.objectId ?? null, createdAt: now,
      tenantId: note.tenantId ?? null, ...(note.detail ? { detail: note.detail } : {}),
    },
  });
}
