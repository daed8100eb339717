import type { Price, UsageEvent } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { explainCharge } from '../prices/explain.ts';
import type { ExplainedCharge } from '../prices/explain.ts';
import { textList } from '../upstreams/stored.ts';
import { chargePostings, payerOf } from './accounts.ts';
import type { Account } from './accounts.ts';

/** Where a number comes from: its postings, and for a charge its parts. */
export interface Explanation {
  id: string; kind: string; at: Date; tenantId: string;
  postings: { account: Account | string; amountNano: bigint }[];
  /** Of a charge: what it was made from; null for other entries. */
  charge: ExplainedCharge | null;
  price: Price | null;
  costNano: bigint; reservedNano: bigint; excessNano: bigint;
  estimated: boolean; unpriced: boolean;
  exchangeId: string | null; note: string | null; reference: string | null;
  /** What a charge was for, and the tags of its key then; nothing of other entries. */
  repo: string | null; branch: string | null; ticket: string | null; sessionId: string | null; tags: string[];
}

/** Explains an entry by its id; null when it is not there for the viewer. */
export async function explain(domain: Domain, actor: Actor, id: string): Promise<Explanation | null> {
  const where = { ...tenantFilter(actor, 'billing:read'), id };
  const { client } = domain.db;
  const event = await client.usageEvent.findFirst({ where });
  if (event) return ofCharge(domain, event);
  const entry = await client.ledgerEntry.findFirst({ where, include: { postings: { orderBy: { account: 'asc' } } } });
  if (!entry) return null;
  return {
    id, kind: entry.kind, at: entry.createdAt, tenantId: entry.tenantId, postings: entry.postings, charge: null, price: null, costNano: 0n, reservedNano: 0n, excessNano: 0n,
    estimated: false, unpriced: false, exchangeId: null, note: entry.note, reference: entry.reference, repo: null, branch: null, ticket: null, sessionId: null, tags: [],
  };
}

async function ofCharge(domain: Domain, event: UsageEvent): Promise<Explanation> {
  const { client } = domain.db;
  const price = event.priceId === null ? null : await client.price.findUnique({ where: { id: event.priceId } });
  const centre = event.centreId === null ? null : await client.costCentre.findUnique({ where: { id: event.centreId } });
  return {
    id: event.id, kind: 'CHARGE', at: event.startedAt, tenantId: event.tenantId, postings: chargePostings(event.tenantId, payerOf(centre?.payer ?? (event.poolId === null ? 'TENANT' : 'POOL')), event.costNano, event.excessNano),
    charge: explainCharge(event, price), price, costNano: event.costNano, reservedNano: event.reservedNano, excessNano: event.excessNano,
    estimated: event.estimated, unpriced: event.unpriced, exchangeId: event.exchangeId, note: null, reference: null,
    repo: event.repo, branch: event.branch, ticket: event.ticket, sessionId: event.sessionId, tags: textList(centre?.tags) ?? [],
  };
}
