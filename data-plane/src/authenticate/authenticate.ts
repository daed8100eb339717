import { hash } from 'node:crypto';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { SnapshotKey } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Principal } from '../journey/principal.ts';
import type { RoutingTable } from '../snapshot/table.ts';
import type { GuessGuard } from './guess-guard.ts';
import { plainKey, presentedKey } from './presented-key.ts';

/** What authentication needs of the node. `refresh` asks once for news, shared by all who wait, and returns the table then held. */
export interface Authentication { guard: GuessGuard; clock: Clock; refresh: () => Promise<RoutingTable> }

/** What of a request says who asks. */
export interface Caller { headers: ReadonlyMap<string, string>; query: URLSearchParams; address: string }

/** Who asks, and the table in which he stands. */
export interface Known { principal: Principal; table: RoutingTable }

/**
 * Who presents the key, by a table that is no older than the request wants (`x-fairlead-min-revision`, the `revision` of a
 * mutation): a node that is behind asks for news once. Throws a key.* Fault, `node.behind` or `request.invalid`.
 */
export function authenticate(from: Caller, held: RoutingTable, parts: Authentication): Known | Promise<Known> {
  const known = knownBy(from, held, parts);
  const wanted = from.headers.get('x-fairlead-min-revision');
  return wanted === undefined ? known : recent(known, revisionOf(wanted), from, parts);
}

function revisionOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Fault('request.invalid', { hint: 'x-fairlead-min-revision is a whole number: the revision that a mutation answered.' });
  return Number(text);
}

async function recent(known: Known | Promise<Known>, wanted: number, from: Caller, parts: Authentication): Promise<Known> {
  const now = await known;
  if (now.table.revision >= wanted) return now;
  const table = await parts.refresh();
  if (table.revision < wanted) throw new Fault('node.behind', { hint: `It serves by revision ${table.revision}; ${wanted} is asked for.`, retryAfterMs: 1_000 });
  // By the newer table the key may be revoked.
  return knownBy(from, table, parts);
}

/** Who presents the key. A whole but unknown key makes the node ask for news once before it says so; the rest of the exchange then uses that table. Throws a key.* Fault. */
function knownBy(from: Caller, held: RoutingTable, parts: Authentication): Known | Promise<Known> {
  // A key that the table knows is well-formed; only another is looked at closely.
  const plain = plainKey(from.headers);
  const known = plain === undefined ? undefined : held.keyByDigest(hash('sha256', plain));
  if (known) return { principal: principalOf(known, parts.clock.now()), table: held };
  const digest = hash('sha256', presentedKey(from.headers, from.query));
  const key = held.keyByDigest(digest);
  return key ? { principal: principalOf(key, parts.clock.now()), table: held } : lookAgain(digest, from, parts);
}

async function lookAgain(digest: string, from: Caller, parts: Authentication): Promise<Known> {
  // Only now: behind one address there may be many clients, and one with a wrong key must not lock out the others.
  parts.guard.check(from.address);
  const table = await parts.refresh();
  const key = table.keyByDigest(digest);
  if (!key) {
    parts.guard.failed(from.address);
    throw new Fault('key.unknown');
  }
  return { principal: principalOf(key, parts.clock.now()), table };
}

function principalOf(key: SnapshotKey, now: number): Principal {
  if (key.status === 'REVOKED') throw new Fault('key.revoked', { detail: key.id });
  if (key.expiresAt !== undefined && key.expiresAt <= now) throw new Fault('key.expired', { detail: key.id, hint: `It ended at ${new Date(key.expiresAt).toISOString()}.` });
  if (key.status === 'PAUSED') throw new Fault('key.paused', { detail: key.id });
  return { key, tenant: key.tenant };
}
