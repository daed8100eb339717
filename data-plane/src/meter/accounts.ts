import { chargeOf, noReading } from '@fairlead/shared/money/charge.ts';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import { newId } from '@fairlead/shared/id.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { Accounts, AttemptEnd, Grant } from '../journey/account.ts';
import type { Ask } from '../journey/ask.ts';
import type { Principal } from '../journey/principal.ts';
import type { Gathered } from './gather.ts';
import type { Journal, OpenReserve } from './journal.ts';

/** What the accounts of a node need. */
export interface AccountParts { journal: Gathered; bootId: string; region: string; clock: Clock; spoolMaxBytes: number; nextSeq: () => number; onSettled: () => void }

/** Accounts for the attempts of one exchange: a reserve on disk before each call, one usage event after it. */
export function openAccounts(at: { exchangeId: string; principal: Principal; ask: Ask; grant: Grant; revision: number }, parts: AccountParts): Accounts {
  const { principal, ask, grant } = at;
  const { journal, clock } = parts;
  return {
    async open(candidate, attempt) {
      if (journal.sizeBytes > parts.spoolMaxBytes) throw new Fault('node.spool-full', { detail: `${journal.sizeBytes} bytes`, retryAfterMs: 30_000 });
      const held = grant.reserve(candidate.reserveNano);
      const reservation = held instanceof Promise ? await held : held;
      const { key } = principal;
      const nowMs = clock.now();
      const reserve: OpenReserve = {
        id: newId('usageEvent', nowMs), exchangeId: at.exchangeId, attempt, tenantId: principal.tenant, keyId: key.id, campaignId: key.campaign, poolId: key.pool,
        upstreamId: candidate.upstream.id, credentialId: candidate.credential.id, modelAsked: ask.model.slice(0, 190), modelUsed: candidate.model.slice(0, 190), region: parts.region,
        startedAt: nowMs, priceId: candidate.price?.id, reservedNano: String(candidate.reserveNano), unpriced: candidate.price === undefined, leaseId: reservation.leaseId, revision: at.revision,
      };
      try {
        await journal.reserved(reserve);
      } catch (cause) {
        reservation.settle(0n, 0n);
        throw new Fault('node.spool-full', { retryAfterMs: 30_000, cause });
      }
      let open = true;
      return {
        settle(end) {
          if (!open) return undefined;
          open = false;
          const reading = plausible(end.reading ?? noReading);
          const charge = candidate.price ? least(chargeOf(reading, candidate.price), chargeMostNano) : 0n;
          // Against a budget never more than was reserved; the rest is seen in the excess account.
          const cost = reservation.leaseId !== undefined && charge > candidate.reserveNano ? candidate.reserveNano : charge;
          const event = eventOf(reserve, parts.nextSeq(), clock.now(), end, reading, cost, charge - cost);
          // Freed when the settlement is on disk: until then a crash would charge the whole reservation.
          return journal.settled(parts.bootId, event, () => { reservation.settle(cost, charge - cost); parts.onSettled(); });
        },
      };
    },
  };
}

/** No answer of today has a thousandth of it: what is more is an upstream's mistake, and would not fit a ledger's column. */
const tokensMost = 1_000_000_000;
const chargeMostNano = 10n ** 18n - 1n;

function plausible(reading: Reading): Reading {
  if (reading.input <= tokensMost && reading.output <= tokensMost && reading.cacheRead <= tokensMost && reading.cacheWrite5m <= tokensMost && reading.cacheWrite1h <= tokensMost && reading.reasoning <= tokensMost) return reading;
  const capped = (tokens: number) => Math.min(tokens, tokensMost);
  return { input: capped(reading.input), output: capped(reading.output), cacheRead: capped(reading.cacheRead), cacheWrite5m: capped(reading.cacheWrite5m), cacheWrite1h: capped(reading.cacheWrite1h), reasoning: capped(reading.reasoning) };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Charges what a crash left open at its reservation, as estimates of this boot. Returns how many there were. */
export function settleCrashed(parts: Pick<AccountParts, 'bootId' | 'clock' | 'nextSeq'> & { journal: Journal }): number {
  const open = parts.journal.openReserves();
  for (const reserve of open) {
    parts.journal.settled(parts.bootId, eventOf(reserve, parts.nextSeq(), parts.clock.now(), { outcome: 'CRASHED', estimated: true }, noReading, BigInt(reserve.reservedNano), 0n));
  }
  return open.length;
}

// Field by field: a record that is spread is copied by name, and every later look at it is slower.
function eventOf(reserve: OpenReserve, seq: number, endedAt: number, end: AttemptEnd, reading: Reading, cost: bigint, excess: bigint): UsageEvent {
  return {
    id: reserve.id, exchangeId: reserve.exchangeId, attempt: reserve.attempt, seq, tenantId: reserve.tenantId, keyId: reserve.keyId, campaignId: reserve.campaignId, poolId: reserve.poolId,
    upstreamId: reserve.upstreamId, credentialId: reserve.credentialId, modelAsked: reserve.modelAsked, modelUsed: reserve.modelUsed, region: reserve.region,
    startedAt: reserve.startedAt, endedAt: Math.max(endedAt, reserve.startedAt), outcome: end.outcome, httpStatus: end.httpStatus,
    input: reading.input, output: reading.output, cacheRead: reading.cacheRead, cacheWrite5m: reading.cacheWrite5m, cacheWrite1h: reading.cacheWrite1h, reasoning: reading.reasoning,
    priceId: reserve.priceId, costNano: String(cost), reservedNano: reserve.reservedNano, excessNano: String(excess), estimated: end.estimated ?? false, unpriced: reserve.unpriced, leaseId: reserve.leaseId, revision: reserve.revision,
  };
}
