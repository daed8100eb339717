// Pure. Whether a head that is genuine may be followed, given what this node has had.
import type { Head } from '@fairlead/shared/snapshot/head.ts';
import { nodeGroup } from '@fairlead/shared/snapshot/snapshot.ts';
import { OfferRefused } from './refused.ts';
import { leftForMs } from './record.ts';
import type { NodeRecord } from './record.ts';

/** A clock may differ by so much. */
const skewMs = 300_000;
/** Publishing takes its time: in so many ms there is at most one revision more, beside those of a restored database. */
const revisionMs = 20;
const mostAhead = 1_000_000;

/** Throws OfferRefused unless the head is this fleet's, of now, and not behind anything this node has had. */
export function checkOrder(head: Head, at: { fleet: string; record: NodeRecord; nowMs: number; /** Something is served meanwhile. */ serves: boolean }): void {
  const { record, nowMs } = at;
  const refuse = (code: string, message: string) => new OfferRefused('order', code, message, 'head');
  if (head.fleet !== at.fleet) throw refuse('foreign-fleet', 'It belongs to another fleet.');
  if (head.group !== nodeGroup) throw refuse('foreign-group', `It is for the group ${head.group}.`);
  if (head.issuedAt > nowMs + skewMs) throw refuse('early', `It was signed at ${new Date(head.issuedAt).toISOString()}, which is yet to come here.`);
  if (head.freshUntil <= nowMs) throw refuse('frozen', `It was good until ${new Date(head.freshUntil).toISOString()}: somebody keeps newer ones back.`);
  if (head.revision < record.revision) throw refuse('older', `Revision ${head.revision} is older than ${record.revision}.`);
  const current = record.current;
  if (current && head.revision === current.revision && head.manifest.sha256 !== current.manifest) throw refuse('forked', `There is another revision ${head.revision}.`);
  if (head.issuedAt < record.issuedAt) throw refuse('older', 'A newer head of it was seen.');
  const most = record.revision + mostAhead + Math.floor(Math.max(0, nowMs - record.issuedAt) / revisionMs);
  if (record.revision > 0 && head.revision > most) throw refuse('jumped', `Revision ${head.revision} cannot have come after ${record.revision}.`);
  const { left } = record;
  if (at.serves && left?.manifest === head.manifest.sha256 && nowMs < left.atMs + leftForMs(left.times)) throw new OfferRefused('serve', 'crash-loop', `This node ended ${left.times * 3} times soon after it had taken revision ${head.revision}; it is tried again later.`, 'head');
}
