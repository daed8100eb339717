import { createHash } from 'node:crypto';
import { fromBase64 } from '@fairlead/shared/crypto/base64url.ts';
import { newId } from '@fairlead/shared/id.ts';
import { openEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import type { PayloadType } from '@fairlead/shared/snapshot/envelope.ts';
import { checkUsageEvent, readUsageBatch } from '@fairlead/shared/usage/event.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { Actor, NodeActor } from '../domain/actor.ts';
import { requireNode } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';
import type { Result } from '../domain/problem.ts';
import { applyUsage } from './apply.ts';
import { isBoot } from './leases.ts';

/** How far a boot's events are in the ledger, and which were set aside. */
export interface Accepted { ackedSeq: number; rejected: { seq: number; code: string }[] }

/** An event that cannot be applied, whole, with the reason. */
export interface Poison { seq: number; reason: string; body: string }

const mostEvents = 2000;

/** Takes a signed batch: whose it is, its shape, what is known already; then applies it. Nothing is lost: what cannot be applied is set aside. */
export async function acceptUsage(domain: Domain, actor: Actor, sealed: string): Promise<Result<Accepted>> {
  const node = requireNode(actor);
  const bytes = await openFromNode(node, 'fairlead/usage/1', sealed);
  const batch = bytes && readUsageBatch(bytes);
  if (!batch) return { ok: false, problems: [{ code: 'INVALID', message: 'This is not a usage batch signed by this node.', path: ['batch'] }] };
  if (batch.nodeId !== node.id || !isBoot(batch.bootId)) return { ok: false, problems: [{ code: 'INVALID', message: 'The batch names another node, or no start of it.', path: ['batch'] }] };
  if (batch.events.length > mostEvents) return { ok: false, problems: [{ code: 'TOO_LONG', message: `A batch has at most ${mostEvents} events.`, path: ['batch'] }] };
  const sound: UsageEvent[] = [];
  const poison: Poison[] = [];
  for (const raw of batch.events) {
    const event = checkUsageEvent(raw);
    if (typeof event !== 'string' && isStorable(event)) sound.push(event);
    else poison.push({ seq: seqOf(raw), reason: typeof event === 'string' ? event : 'malformed', body: JSON.stringify(raw).slice(0, 100_000) });
  }
  const known = await knownKeys(domain, sound);
  const usable = sound.filter((event) => {
    if (known.keys.has(event.keyId) && known.tenants.has(event.tenantId)) return true;
    poison.push({ seq: event.seq, reason: 'unknown-key', body: JSON.stringify(event) });
    return false;
  });
  const accepted = await applyUsage(domain, { nodeId: node.id, bootId: batch.bootId, ingestId: newId('ingest', domain.clock.now()), events: usable, poison });
  if (accepted.rejected.length > 0) domain.log.warn('usage.set-aside', { node: node.id, boot: batch.bootId, count: accepted.rejected.length, codes: [...new Set(accepted.rejected.map((one) => one.code))] });
  for (const event of usable) domain.exchanges.sendSoon(event.exchangeId, { id: event.exchangeId, tenantId: event.tenantId });
  return { ok: true, value: accepted, warnings: [] };
}

/** The payload of an envelope that this very node signed; undefined for anything else. */
export async function openFromNode(node: NodeActor, type: PayloadType, sealed: string): Promise<Uint8Array | undefined> {
  try {
    return await openEnvelope(type, fromBase64(sealed), [node.signPublicKey], 16 * 1024 * 1024);
  } catch {
    // The reasons are all the same to the node: the batch must be signed anew.
    return undefined;
  }
}

/** Ids fit the columns of every database, and numbers their types. */
function isStorable(event: UsageEvent): boolean {
  const ids = [event.id, event.exchangeId, event.tenantId, event.keyId, event.upstreamId, event.campaignId, event.poolId, event.credentialId, event.priceId, event.leaseId];
  const wide = [event.attempt, event.seq, event.revision, event.httpStatus ?? 0];
  return ids.every((id) => id === undefined || id.length <= 64) && wide.every((number) => number <= 2_147_483_647);
}

/** The number of an event that may be anything; what has none gets a negative one that depends on its bytes alone, so that a repeat is the same. */
function seqOf(raw: unknown): number {
  if (typeof raw === 'object' && raw !== null && 'seq' in raw && typeof raw.seq === 'number' && Number.isSafeInteger(raw.seq) && raw.seq >= 0 && raw.seq <= 2_147_483_647) return raw.seq;
  return -1 - (createHash('sha256').update(JSON.stringify(raw) ?? 'nothing').digest().readUInt32BE() >>> 2);
}

async function knownKeys(domain: Domain, events: readonly UsageEvent[]): Promise<{ keys: Set<string>; tenants: Set<string> }> {
  const keyIds = [...new Set(events.map((event) => event.keyId))];
  const tenantIds = [...new Set(events.map((event) => event.tenantId))];
  const keys = new Set<string>();
  const tenants = new Set<string>();
  for (let at = 0; at < keyIds.length; at += 500) for (const row of await domain.db.client.key.findMany({ where: { id: { in: keyIds.slice(at, at + 500) } }, select: { id: true } })) keys.add(row.id);
  for (let at = 0; at < tenantIds.length; at += 500) for (const row of await domain.db.client.tenant.findMany({ where: { id: { in: tenantIds.slice(at, at + 500) } }, select: { id: true } })) tenants.add(row.id);
  return { keys, tenants };
}
