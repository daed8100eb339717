import type { PortableSql, SqlValue, Tx } from '@fairlead/prisma';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { labelMost } from '@fairlead/shared/usage/labels.ts';
import type { Labels } from '@fairlead/shared/usage/labels.ts';
import { dayOf } from './add-to-times.ts';

/** What a charge was for, as its columns hold it. Empty = not said. */
export interface ChargeLabels { repo: string; branch: string; ticket: string; sessionId: string }

/** What was for nothing. */
export const unlabelled: ChargeLabels = { repo: '', branch: '', ticket: '', sessionId: '' };

/** What an event was for; what it does not say, its key may. */
export function chargeLabels(event: Pick<UsageEvent, 'repo' | 'branch' | 'ticket' | 'sessionId'>, keys: Labels): ChargeLabels {
  const repo = event.repo ?? keys.repo, branch = event.branch ?? keys.branch, ticket = event.ticket ?? keys.ticket, { sessionId } = event;
  if (!repo && !branch && !ticket && !sessionId) return unlabelled;
  // Half a pair of surrogates is no text for a database: what is one text there must be one here.
  return { repo: fit(repo), branch: fit(branch), ticket: fit(ticket), sessionId: sessionId?.toWellFormed() ?? '' };
}

const fit = (label: string | undefined): string => (label === undefined ? '' : label.slice(0, labelMost).toWellFormed());

/** What is added to one hour of a cost centre, session and labels. */
export interface LabelAmounts { tenantId: string; centreId: string; hour: Date; labels: ChargeLabels; amounts: readonly SqlValue[] }

/** Adds amounts to the hours of sessions and labels, and to the days of labels, in the transaction that writes what they are of. What names nothing is left out. */
export async function addToLabels(tx: Tx, portable: PortableSql, columns: readonly string[], all: readonly LabelAmounts[]): Promise<void> {
  const named = all.filter(({ labels }) => labels !== unlabelled);
  await portable.upsertAdd(tx, {
    table: 'label_hour', keys: ['tenant_id', 'hour', 'session_id', 'repo', 'branch', 'ticket', 'centre_id'], add: columns,
    from: named.map(({ tenantId, hour, labels, centreId, amounts }) => [tenantId, hour, labels.sessionId, labels.repo, labels.branch, labels.ticket, centreId, ...amounts]),
  });
  await portable.upsertAdd(tx, {
    table: 'label_day', keys: ['tenant_id', 'day', 'repo', 'branch', 'ticket', 'centre_id'], add: columns,
    from: named.flatMap(({ tenantId, hour, labels: { repo, branch, ticket }, centreId, amounts }) => (repo === '' && branch === '' && ticket === '' ? [] : [[tenantId, dayOf(hour), repo, branch, ticket, centreId, ...amounts]])),
  });
}
