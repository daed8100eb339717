import { createHash } from 'node:crypto';
import { fromBase64 } from '@fairlead/shared/crypto/base64url.ts';
import { isId, newId } from '@fairlead/shared/id.ts';
import { openEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import type { PayloadType } from '@fairlead/shared/snapshot/envelope.ts';
import { checkUsageEvent, readUsageBatch } from '@fairlead/shared/usage/event.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { Actor, NodeActor } from '../domain/actor.ts';
import { requireNode } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';
import type { Result } from '../domain/problem.ts';
import { applyUsage } from './apply.ts';
import { holdersOf } from './holders.ts';
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
    if (typeof event !== 'string' && isStorable(event)) sound.push(withoutNul(event));
    else poison.push({ seq: seqOf(raw), reason: typeof event === 'string' ? event : 'malformed', body: JSON.stringify(raw).slice(0, 100_000) });
  }
  const holders = await holdersOf(domain, sound);
  const usable = sound.filter((event) => {
    if (holders.get(event.keyId)?.payers.has(event.tenantId)) return true;
    poison.push({ seq: event.seq, reason: 'unknown-key', body: JSON.stringify(event) });
    return false;
  });
  const accepted = await applyUsage(domain, { nodeId: node.id, bootId: batch.bootId, ingestId: newId('ingest', domain.clock.now()), events: usable, poison, holders });
  if (accepted.rejected.length > 0) domain.log.warn('usage.set-aside', { node: node.id, boot: batch.bootId, count: accepted.rejected.length, codes: [...new Set(accepted.rejected.map((one) => one.code))] });
  for (const event of usable) domain.exchanges.sendSoon(event.exchangeId, { id: event.exchangeId, tenantId: event.tenantId });
  return { ok: true, value: accepted, warnings: [] };
}

/** The payload of an envelope that this very node signed; undefined for anything else. */
export async function openFromNode(node: NodeActor, type: PayloadType, sealed: string): Promise<Uint8Array | undefined> {
  try {
    return await openEnvelope(type, fromBase64(sealed), { keys: [node.signPublicKey], threshold: 1 }, 16 * 1024 * 1024);
  } catch {
    // The reasons are all the same to the node: the batch must be signed anew.
    return undefined;
  }
}

const clientsTexts = ['modelAsked', 'modelUsed', 'repo', 'branch', 'ticket', 'sessionId'] as const;

/** Clients chose these texts, and PostgreSQL stores no NUL: their money counts all the same. */
function withoutNul(event: UsageEvent): UsageEvent {
  let sound = event;
  for (const name of clientsTexts) if (event[name]?.includes('\0') === true) sound = { ...sound, [name]: event[name].replaceAll('\0', '\ufffd') };
  return sound;
}

/** No attempt costs a million dollars: what claims to would only make the sums overflow. */
const mostNano = 1_000_000n * 1_000_000_000n;
const mostTokens = 1e12;

/** Texts and ids fit the columns of every database, and numbers and times their types: one row that does not would hold up its whole batch for ever. */
function isStorable(event: UsageEvent): boolean {
  const ids = [event.id, event.exchangeId, event.tenantId, event.keyId, event.upstreamId, event.campaignId, event.poolId, event.credentialId, event.priceId, event.leaseId];
  const wide = [event.attempt, event.seq, event.revision, event.httpStatus ?? 0];
  const texts = [...ids, event.region];
  const tokens = [event.input, event.output, event.cacheRead, event.cacheWrite5m, event.cacheWrite1h, event.reasoning];
  // Books are read in the order of time and id, so an id must be one of ours.
  return isId('usageEvent', event.id) && ids.every((id) => id === undefined || id.length <= 64) && wide.every((number) => number <= 2_147_483_647)
    && texts.every((text) => text === undefined || !text.includes('\0')) && isInstant(event.startedAt) && isInstant(event.endedAt)
    && tokens.every((count) => count <= mostTokens) && [event.costNano, event.reservedNano, event.excessNano].every((nano) => BigInt(nano) <= mostNano);
}

/** Whether every database can store an instant: after the epoch's first day and before 2096. */
export function isInstant(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms > 86_400_000 && ms < 4e12;
}

/** The number of an event that may be anything; what has none gets a negative one that depends on its bytes alone, so that a repeat is the same. */
function seqOf(raw: unknown): number {
  if (typeof raw === 'object' && raw !== null && 'seq' in raw && typeof raw.seq === 'number' && Number.isSafeInteger(raw.seq) && raw.seq >= 0 && raw.seq <= 2_147_483_647) return raw.seq;
  return -1 - (createHash('sha256').update(JSON.stringify(raw) ?? 'nothing').digest().readUInt32BE() >>> 2);
}
