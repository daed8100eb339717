import { exactOf, partsOf, roundedOf } from '@fairlead/shared/money/charge.ts';
import { standardService } from '@fairlead/shared/money/price.ts';
import { noReading, promptOf, unitKinds } from '@fairlead/shared/money/reading.ts';
import type { Reading, UnitKind } from '@fairlead/shared/money/reading.ts';
import { newId } from '@fairlead/shared/id.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { UsageDrawn, UsageEvent, UsageHold } from '@fairlead/shared/usage/event.ts';
import type { Accounts, AttemptEnd, CalleePurses, Drawable, Grant, Reservation } from '../journey/account.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Principal } from '../journey/principal.ts';
import type { Gathered } from './gather.ts';
import { JournalAway, JournalFailed } from './journal.ts';
import type { Act, Journal } from './journal.ts';
import type { OpenReserve } from './journal-records.ts';

/** What the accounts of a node need. */
export interface AccountParts { journal: Gathered; callees: CalleePurses; bootId: string; region: string; clock: Clock; spoolMaxBytes: number; nextSeq: () => number; onSettled: () => void }

/** Accounts for the attempts of one exchange: a reserve on disk before each call, one usage event after it. */
export function openAccounts(at: { exchangeId: string; principal: Principal; ask: Ask; grant: Grant; revision: number; signal: Signal }, parts: AccountParts): Accounts {
  const { principal, ask, grant } = at;
  const { journal, clock } = parts;
  return {
    async open(candidate, attempt) {
      if (journal.sizeBytes > parts.spoolMaxBytes) throw new Fault('node.spool-full', { detail: `${journal.sizeBytes} bytes`, retryAfterMs: 30_000 });
      const held = grant.reserve(candidate.reserveNano);
      const reservation = held instanceof Promise ? await held : held;
      const drawing = drawsOnMore(grant, candidate) ? await drawAll(reservation, grant, candidate, parts.callees, at.signal) : undefined;
      const { key } = principal;
      const labels = ask.labelled?.labels;
      const nowMs = clock.now();
      const reserve: OpenReserve = {
        id: newId('usageEvent', nowMs), exchangeId: at.exchangeId, attempt, tenantId: principal.tenant, keyId: key.id, campaignId: key.campaign, poolId: key.pool,
        upstreamId: candidate.upstream.id, credentialId: candidate.credential.id, modelAsked: ask.model.slice(0, 190), modelUsed: candidate.model.slice(0, 190), region: parts.region,
        startedAt: nowMs, priceId: candidate.price?.id, reservedNano: String(reservation.uncovered ? 0n : candidate.reserveNano), unheldNano: reservation.uncovered ? String(candidate.reserveNano) : undefined, serviceAsked: ask.service, times: candidate.times, unpriced: candidate.price === undefined, leaseId: reservation.leaseId, loanId: reservation.loan?.loanId, holds: drawing?.map(holdOf), revision: at.revision, repo: labels?.repo, branch: labels?.branch, ticket: labels?.ticket, sessionId: ask.sessionId === '' ? undefined : ask.sessionId,
      };
      try {
        await journal.reserved(reserve);
      } catch (cause) {
        reservation.settle(0n, 0n);
        if (drawing) free(drawing);
        throw cause instanceof JournalAway ? new Fault('node.books-away', { retryAfterMs: 2_000, cause }) : new Fault('node.spool-full', { retryAfterMs: 30_000, cause });
      }
      let open = true;
      const most = reservation.uncovered ? 0n : candidate.reserveNano;
      let charged: bigint | undefined;
      return {
        charged: () => charged,
        note: noteOf(reservation, drawing),
        settle(end) {
          if (!open) return undefined;
          open = false;
          const reading = plausible(end.reading ?? noReading);
          grant.used?.(reading);
          const made = candidate.price && partsOf(reading, candidate.price, ask.service);
          const charge = made ? least(roundedOf(exactOf(made.parts), candidate.times), chargeMostNano) : 0n;
          // Against a budget never more than was reserved; the rest is seen in the excess account.
          const cost = reservation.leaseId !== undefined && charge > most ? most : charge;
          if (made) charged = reservation.uncovered ? charge : cost;
          const drawn = drawing && drawnOf(drawing, charge, reading, end);
          const event = eventOf(reserve, parts.nextSeq(), clock.now(), end, reading, cost, charge - cost, made?.fromTokens, drawn);
          // Freed when the settlement is on disk: until then a crash would charge the whole reservation.
          return journal.settled(parts.bootId, event, () => {
            reservation.settle(cost, charge - cost);
            if (drawing && drawn) for (const [index, one] of drawing.entries()) one.settle(BigInt(drawn[index]?.spent ?? 0), BigInt(drawn[index]?.excess ?? 0));
            parts.onSettled();
          });
        },
      };
    },
  };
}

function drawsOnMore(grant: Grant, { upstream, credential }: Candidate): boolean {
  return grant.draw !== undefined || upstream.purses !== undefined || credential.purses !== undefined;
}

/** What an attempt draws on beside the key's dollars; of all purses, or of none and the dollars go back too. */
async function drawAll(reservation: Reservation, grant: Grant, candidate: Candidate, callees: CalleePurses, signal: Signal): Promise<Drawable[]> {
  let mine: Drawable[] = [];
  try {
    if (grant.draw) mine = await grant.draw(candidate);
    return [...mine, ...(await callees.draw(candidate, signal))];
  } catch (cause) {
    reservation.settle(0n, 0n);
    free(mine);
    throw cause;
  }
}

/** In the decision chain of whoever went on, or was helped by a neighbour. */
function noteOf(reservation: Reservation, drawing: readonly Drawable[] | undefined): string | undefined {
  if (reservation.uncovered || drawing?.some(({ unheld }) => unheld !== undefined)) return 'no budget could be asked for, and its owner lets it go on: all it uses is excess';
  const loan = reservation.loan ?? drawing?.find((one) => one.loan !== undefined)?.loan;
  return loan && `its budget is borrowed from node ${loan.lenderId}`;
}

function holdOf({ leaseId, unit, amount, unheld, loan }: Drawable): UsageHold {
  if (unheld !== undefined) return { leaseId, unit, amount: String(amount), unheld: String(unheld) };
  return loan === undefined ? { leaseId, unit, amount: String(amount) } : { leaseId, unit, amount: String(amount), loanId: loan.loanId };
}

function free(drawing: readonly Drawable[]): void {
  for (const one of drawing) one.settle(0n, 0n);
}

/** What a call used of each purse, at most what was set aside; the rest is excess. */
function drawnOf(drawing: readonly Drawable[], charge: bigint, reading: Reading, end: AttemptEnd): UsageDrawn[] {
  const tokens = promptOf(reading) + reading.output;
  // One that could not connect, stalled or broke off with nothing used was none for the upstream either.
  const calls = end.outcome === 'OK' || end.httpStatus !== undefined || tokens > 0 ? 1n : 0n;
  return drawing.map(({ unit, amount }) => {
    const used = unit === 'USD' ? charge : unit === 'TOKENS' ? BigInt(tokens) : calls;
    const spent = least(used, amount);
    return { spent: String(spent), excess: String(used - spent) };
  });
}

/** No answer of today has a thousandth of it: what is more is an upstream's mistake, and would not fit a ledger's column. */
const tokensMost = 1_000_000_000;
const chargeMostNano = 10n ** 18n - 1n;

function plausible(reading: Reading): Reading {
  const units = plausibleUnits(reading.units);
  if (units === reading.units && reading.input <= tokensMost && reading.output <= tokensMost && reading.cacheRead <= tokensMost && reading.cacheWrite5m <= tokensMost && reading.cacheWrite1h <= tokensMost && reading.reasoning <= tokensMost) return reading;
  const capped = (tokens: number) => Math.min(tokens, tokensMost);
  return { input: capped(reading.input), output: capped(reading.output), cacheRead: capped(reading.cacheRead), cacheWrite5m: capped(reading.cacheWrite5m), cacheWrite1h: capped(reading.cacheWrite1h), reasoning: capped(reading.reasoning), service: reading.service, ...(units === undefined ? {} : { units }) };
}

function plausibleUnits(units: Reading['units']): Reading['units'] {
  if (units === undefined || unitKinds.every((kind) => (units[kind] ?? 0) <= tokensMost)) return units;
  const capped: Partial<Record<UnitKind, number>> = {};
  for (const kind of unitKinds) if (units[kind] !== undefined) capped[kind] = Math.min(units[kind], tokensMost);
  return capped;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Charges what a crash left open at its reservation, as estimates of this boot. Returns how many there were; throws where not all of them can be written down. */
export async function settleCrashed(parts: Pick<AccountParts, 'bootId' | 'clock' | 'nextSeq'> & { journal: Journal }): Promise<number> {
  const open = parts.journal.openReserves();
  const acts = open.map((reserve): Act => {
    const event = eventOf(reserve, parts.nextSeq(), parts.clock.now(), { outcome: 'CRASHED', estimated: true }, noReading, BigInt(reserve.reservedNano), BigInt(reserve.unheldNano ?? 0), undefined, reserve.holds?.map(({ amount, unheld }) => ({ spent: amount, excess: unheld ?? '0' })));
    return { boot: parts.bootId, event, kept: undefined };
  });
  if (acts.length > 0) await parts.journal.together(acts);
  if (parts.journal.openReserves().length > 0) throw new JournalFailed('what a crash left open cannot be settled now');
  return open.length;
}

// Field by field: a record that is spread is copied by name, and every later look at it is slower.
function eventOf(reserve: OpenReserve, seq: number, endedAt: number, end: AttemptEnd, reading: Reading, cost: bigint, excess: bigint, fromTokens: number | undefined, drawn: UsageDrawn[] | undefined): UsageEvent {
  return {
    id: reserve.id, exchangeId: reserve.exchangeId, attempt: reserve.attempt, seq, tenantId: reserve.tenantId, keyId: reserve.keyId, campaignId: reserve.campaignId, poolId: reserve.poolId,
    upstreamId: reserve.upstreamId, credentialId: reserve.credentialId, modelAsked: reserve.modelAsked, modelUsed: reserve.modelUsed, region: reserve.region,
    startedAt: reserve.startedAt, endedAt: Math.max(endedAt, reserve.startedAt), outcome: end.outcome, httpStatus: end.httpStatus,
    input: reading.input, output: reading.output, cacheRead: reading.cacheRead, cacheWrite5m: reading.cacheWrite5m, cacheWrite1h: reading.cacheWrite1h, reasoning: reading.reasoning,
    units: reading.units, priceId: reserve.priceId, serviceAsked: reserve.serviceAsked, service: reading.service === standardService && reserve.serviceAsked === undefined ? undefined : reading.service, fromTokens: fromTokens === 0 ? undefined : fromTokens, times: reserve.times, costNano: String(cost), reservedNano: reserve.reservedNano, unheldNano: reserve.unheldNano, excessNano: String(excess), estimated: end.estimated ?? false, unpriced: reserve.unpriced, leaseId: reserve.leaseId, loanId: reserve.loanId, holds: reserve.holds, drawn, revision: reserve.revision,
    repo: reserve.repo, branch: reserve.branch, ticket: reserve.ticket, sessionId: reserve.sessionId,
  };
}
