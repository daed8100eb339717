import { sql } from '@fairlead/prisma';
import type { UsageEvent as StoredEvent } from '@fairlead/prisma';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { chargeLabels } from '../domain/billing/add-to-labels.ts';
import type { Domain } from '../domain/domain.ts';
import { holdersOf } from '../ingest/holders.ts';
import { centre, postCharges } from '../ingest/post.ts';

const doneSetting = 'ledger.posted';
const atOnce = 500;

/** Posts the usage of the time before there was a ledger, once. Each event is taken by whoever sets its cost centre. Returns how many there were. */
export async function postUnposted(domain: Domain, signal: AbortSignal): Promise<number> {
  const { client } = domain.db;
  if (await client.setting.findUnique({ where: { name: doneSetting } })) return 0;
  const portable = sql(domain.db.provider);
  let posted = 0;
  for (let after = ''; ;) {
    if (signal.aborted) return posted;
    const rows = await client.usageEvent.findMany({ where: { id: { gt: after } }, orderBy: { id: 'asc' }, take: atOnce });
    const events = rows.filter((row) => row.centreId === null).map(eventOf);
    const holders = await holdersOf(domain, events);
    if (events.length > 0) {
      posted += await domain.db.transaction(async (tx) => {
        const taken: Awaited<ReturnType<typeof centre>> = [];
        for (const one of await centre(tx, portable, events, holders)) {
          const { count } = await tx.usageEvent.updateMany({ where: { id: one.event.id, centreId: null }, data: { centreId: one.centre.id } });
          if (count === 1) taken.push(one);
        }
        // What it cost may have changed until its row was held: a price may have come for it.
        const held = new Map((await tx.usageEvent.findMany({ where: { id: { in: taken.map(({ event }) => event.id) } } })).map((row) => [row.id, eventOf(row)]));
        const mine = taken.map((one) => { const event = held.get(one.event.id) ?? one.event; return { ...one, event, labels: chargeLabels(event, {}) }; });
        await postCharges(tx, portable, mine, new Date(domain.clock.now()));
        return mine.length;
      }, { timeoutMs: 60_000, isolation: 'ReadCommitted' });
    }
    const last = rows.at(-1);
    if (!last || rows.length < atOnce) break;
    after = last.id;
  }
  await domain.db.retryConflict(() => client.setting.upsert({ where: { name: doneSetting }, create: { name: doneSetting, value: 'yes' }, update: {} }));
  return posted;
}

function eventOf(row: StoredEvent): UsageEvent {
  const outcome = row.outcome === 'FAILED' || row.outcome === 'ABORTED' || row.outcome === 'CRASHED' ? row.outcome : 'OK';
  return {
    id: row.id, exchangeId: row.exchangeId, attempt: row.attempt, seq: row.seq, tenantId: row.tenantId, keyId: row.keyId, campaignId: row.campaignId ?? undefined, poolId: row.poolId ?? undefined, upstreamId: row.upstreamId, credentialId: row.credentialId ?? undefined,
    modelAsked: row.modelAsked, modelUsed: row.modelUsed, region: row.region, startedAt: row.startedAt.getTime(), endedAt: row.endedAt.getTime(), outcome, httpStatus: row.httpStatus ?? undefined,
    input: Number(row.inputTokens), output: Number(row.outputTokens), cacheRead: Number(row.cacheReadTokens), cacheWrite5m: Number(row.cacheWrite5mTokens), cacheWrite1h: Number(row.cacheWrite1hTokens), reasoning: Number(row.reasoningTokens),
    priceId: row.priceId ?? undefined, costNano: String(row.costNano), reservedNano: String(row.reservedNano), excessNano: String(row.excessNano), estimated: row.estimated, unpriced: row.unpriced, leaseId: row.leaseId ?? undefined, revision: row.revision,
    repo: row.repo ?? undefined, branch: row.branch ?? undefined, ticket: row.ticket ?? undefined, sessionId: row.sessionId ?? undefined,
  };
}
