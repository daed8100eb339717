import type { LeaseAsk, LeaseDenial, LeaseGrant, LeaseReport, LeaseState } from '@fairlead/shared/lease/lease.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { Stop } from '@fairlead/shared/time/stop.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import { usdText } from '@fairlead/shared/money/charge.ts';
import type { Reservation } from '../journey/account.ts';

/** Where leases come from: the control plane. `ask` throws when it cannot be reached. */
export interface LeaseSource {
  ask(ask: LeaseAsk, signal: AbortSignal): Promise<LeaseGrant | LeaseDenial>;
  /** Resolves to the ids of leases that are closed for good. */
  report(report: LeaseReport, signal: AbortSignal): Promise<string[]>;
}

/** What the keeper must remember over a crash. */
export interface LeaseMemory {
  granted(grant: LeaseGrant): void;
  leaseClosed(leaseId: string): void;
}

/** A lease as recovered from the journal. */
export interface RecoveredLease { grant: LeaseGrant; spentNano: bigint; excessNano: bigint }

interface Held { grant: LeaseGrant; grantedNano: bigint; spentNano: bigint; excessNano: bigint; reservedNano: bigint; idleSinceMs: number; finalSent: boolean }

/** Keeps the slices this node may spend, by key. */
export interface LeaseKeeper {
  /** Sets money aside for one attempt; throws `quota.spent` or `quota.unavailable`. */
  reserve(keyId: string, amountNano: bigint, signal: Signal): Reservation | Promise<Reservation>;
  /** Tells the control plane how the leases stand and gives idle ones back. */
  report(signal: AbortSignal): Promise<void>;
  /** Gives everything unreserved back, for an orderly stop. */
  release(signal: AbortSignal): Promise<void>;
  held(): { leases: number; grantedNano: bigint; spentNano: bigint };
}

const idleMs = 1_500;
const askTimeoutMs = 5_000;
/** After this long a lost ask can no longer be under way to the control plane. */
const lateMs = 30_000;
/** A lease holds room for this many requests like the one at hand; more while a key asks again within two seconds. */
const slicesLeast = 8n;
const slicesMost = 2_048n;
const quickMs = 2_000;
/** A key that is this busy asks again when half of its lease is left, so that its requests never wait for the answer. */
const busySlices = 32n;

/**
 * A keeper for one boot. Rules of the protocol: one ask at a time; a grant is accepted only for the ask
 * under way and written down before it is spent; `spent` is cumulative; final only when nothing is
 * reserved; nothing is ever reclaimed by a timer. A slice granted in an answer that was lost goes back by a
 * complete list that is newer than its ask, so such a list is sent after every doubt.
 */
export function createLeaseKeeper(parts: { bootId: string; source: LeaseSource; memory: LeaseMemory; clock: Clock; recovered: Iterable<RecoveredLease>; /** Whether all that was ever granted is known here: only then may a list be called complete. */ complete: boolean }): LeaseKeeper {
  const { bootId, source, memory, clock } = parts;
  const byKey = new Map<string, Held[]>();
  const asked = new Map<string, { slices: bigint; atMs: number }>();
  let reqSeq = 0;
  let line: Promise<unknown> = Promise.resolve();
  let changed = true;
  // Whether the control plane was heard last: a slice is not given up to one that may not hear it.
  let reachable = true;
  // When complete lists are due because it may hold a slice in our name that we do not know: an earlier boot's, or a lost answer's.
  let doubts: number[] = [clock.now()];

  const add = (held: Held) => {
    const list = byKey.get(held.grant.keyId);
    if (list) list.push(held);
    else byKey.set(held.grant.keyId, [held]);
    return held;
  };
  for (const { grant, spentNano, excessNano } of parts.recovered) {
    // A lease of an earlier boot is only wound up: what it still held is given back.
    add({ grant, grantedNano: BigInt(grant.grantedNano), spentNano, excessNano, reservedNano: 0n, idleSinceMs: 0, finalSent: true });
  }

  const all = () => [...byKey.values()].flat();
  const free = (held: Held) => held.grantedNano - held.spentNano - held.reservedNano;
  const usable = (held: Held) => !held.finalSent && (held.grant.usableUntil === undefined || held.grant.usableUntil > clock.now());

  const idle = (held: Held) => {
    if (held.idleSinceMs > clock.now()) held.idleSinceMs = clock.now(); // the clock was set back
    return held.reservedNano === 0n && clock.now() - held.idleSinceMs >= idleMs;
  };
  const doubtDue = () => doubts.some((at) => at <= clock.now());
  const doubt = () => { doubts = [clock.now(), clock.now() + lateMs]; };

  /** One after another: the control plane may only ever see one of our asks or reports at a time. */
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = line.then(work, work);
    line = turn.catch(() => undefined);
    return turn;
  };

  const take = (keyId: string, amountNano: bigint): Reservation | undefined => {
    const held = byKey.get(keyId)?.find((candidate) => usable(candidate) && free(candidate) >= amountNano);
    if (!held) return undefined;
    held.reservedNano += amountNano;
    if (free(held) * 2n < held.grantedNano) askAhead(keyId, amountNano);
    let open = true;
    return {
      leaseId: held.grant.leaseId,
      amountNano,
      settle(costNano, excessNano) {
        if (!open) return;
        open = false;
        held.reservedNano -= amountNano;
        held.spentNano += costNano;
        held.excessNano += excessNano;
        held.idleSinceMs = clock.now();
        changed = true;
      },
    };
  };

  const send = async (signal: AbortSignal, mayClose: (held: Held) => boolean): Promise<void> => {
    const leases: LeaseState[] = [];
    for (const held of all()) {
      if (held.reservedNano === 0n && (held.finalSent || mayClose(held))) held.finalSent = true;
      const { leaseId, keyId, bootId: boot, reqSeq: seq, grantedNano } = held.grant;
      leases.push({ leaseId, keyId, bootId: boot, reqSeq: seq, grantedNano, spentNano: String(held.spentNano), excessNano: String(held.excessNano), final: held.finalSent });
    }
    if (doubts.length > 0) reqSeq += 1; // newer than any ask that was lost
    const sentAtMs = clock.now();
    changed = false;
    let closed: Set<string>;
    try {
      closed = new Set(await source.report({ bootId, reqSeq, complete: parts.complete, leases }, signal));
      reachable = true;
    } catch (cause) {
      changed = true;
      reachable = false;
      throw cause;
    }
    doubts = doubts.filter((at) => at > sentAtMs);
    for (const [keyId, list] of byKey) {
      const rest = list.filter((held) => !closed.has(held.grant.leaseId));
      for (const held of list) if (closed.has(held.grant.leaseId)) memory.leaseClosed(held.grant.leaseId);
      if (rest.length > 0) byKey.set(keyId, rest);
      else byKey.delete(keyId);
    }
  };

  const askForMore = async (keyId: string, amountNano: bigint): Promise<Reservation> => {
    const again = take(keyId, amountNano);
    if (again) return again;
    const limit = AbortSignal.timeout(askTimeoutMs);
    const first = await request(keyId, amountNano, limit);
    if (!('code' in first)) return first;
    // The budget may be short only because slices lie idle here or were granted unheard: give them back and ask once more.
    const short = doubts.length > 0 || byKey.get(keyId)?.some((held) => held.reservedNano === 0n && free(held) > 0n);
    if (!short) throw spent(first, amountNano, clock.now());
    await send(limit, (held) => held.grant.keyId === keyId);
    const second = await request(keyId, amountNano, limit);
    if ('code' in second) throw spent(second, amountNano, clock.now());
    return second;
  };

  /** Waits for a turn and an answer no longer than the client does, nor than the limit; an ask under way goes on, since its grant must be known. */
  const waitInLine = async (keyId: string, amountNano: bigint, signal: Signal): Promise<Reservation> => {
    const over = new Stop();
    let leave = (): void => undefined;
    let left = false;
    const turn = inLine(() => {
      if (left) throw new Error('nobody waits for it any more');
      return askForMore(keyId, amountNano);
    });
    const gone = new Promise<never>((_, reject) => {
      clock.sleep(askTimeoutMs, over.signal).then(() => reject(new Error('no answer in time')), () => undefined);
      if (signal.aborted) reject(new Fault('client.left'));
      leave = () => reject(new Fault('client.left'));
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([turn, gone]);
    } catch (cause) {
      left = true;
      turn.then((late) => late.settle(0n, 0n), () => undefined);
      if (cause instanceof Fault) throw cause;
      throw new Fault('quota.unavailable', { detail: `lease for ${keyId}`, retryAfterMs: 2_000, cause });
    } finally {
      signal.removeEventListener('abort', leave);
      over.abort();
    }
  };

  const ahead = new Set<string>();
  /** Asks before there is need; a refusal is left for the request that it hits. */
  const askAhead = (keyId: string, amountNano: bigint): void => {
    const last = asked.get(keyId);
    if (last === undefined || last.slices < busySlices || ahead.has(keyId) || !reachable) return;
    const mostly = (byKey.get(keyId) ?? []).some((held) => usable(held) && free(held) * 2n >= held.grantedNano);
    if (mostly) return;
    ahead.add(keyId);
    inLine(() => request(keyId, amountNano, AbortSignal.timeout(askTimeoutMs))).then((answer) => {
      if ('code' in answer) asked.set(keyId, { slices: slicesLeast, atMs: clock.now() });
      else answer.settle(0n, 0n);
    }, () => undefined).finally(() => ahead.delete(keyId));
  };

  const check = (grant: LeaseGrant, keyId: string) => {
    if (grant.bootId !== bootId || grant.reqSeq !== reqSeq || grant.keyId !== keyId) throw new Error('the control plane granted something that was not asked for');
  };

  /** Four times as many slices when the last lease of this key did not last, half as many when it did. */
  const slicesFor = (keyId: string): bigint => {
    const now = clock.now();
    const last = asked.get(keyId);
    const quick = last !== undefined && now - last.atMs < quickMs;
    const slices = last === undefined ? slicesLeast : quick ? last.slices * 4n : last.slices / 2n;
    const bounded = slices < slicesLeast ? slicesLeast : slices > slicesMost ? slicesMost : slices;
    if (asked.size > 10_000) asked.clear();
    asked.set(keyId, { slices: bounded, atMs: now });
    return bounded;
  };

  const request = async (keyId: string, amountNano: bigint, signal: AbortSignal): Promise<Reservation | LeaseDenial> => {
    reqSeq += 1;
    const ask: LeaseAsk = { bootId, reqSeq, keyId, needNano: String(amountNano), wantNano: String(amountNano * slicesFor(keyId)) };
    let answer: LeaseGrant | LeaseDenial;
    try {
      answer = await source.ask(ask, signal);
      reachable = true;
      if (!('code' in answer)) {
        check(answer, keyId);
        memory.granted(answer);
      }
    } catch (cause) {
      reachable = false;
      doubt();
      throw cause;
    }
    if ('code' in answer) return answer;
    add({ grant: answer, grantedNano: BigInt(answer.grantedNano), spentNano: 0n, excessNano: 0n, reservedNano: 0n, idleSinceMs: clock.now(), finalSent: false });
    const reservation = take(keyId, amountNano);
    if (!reservation) throw new Error('the granted lease is smaller than what was needed');
    return reservation;
  };

  return {
    reserve: (keyId, amountNano, signal) => take(keyId, amountNano) ?? waitInLine(keyId, amountNano, signal),
    async report(signal) {
      const due = () => doubtDue() || (all().length > 0 && (changed || all().some((held) => held.finalSent || idle(held) || (held.reservedNano === 0n && !usable(held)))));
      if (!due()) return;
      await inLine(() => send(signal, (held) => !usable(held) || (reachable && idle(held))));
    },
    async release(signal) {
      if (all().length > 0) await inLine(() => send(signal, () => true));
    },
    held() {
      const list = all();
      return { leases: list.length, grantedNano: list.reduce((sum, held) => sum + held.grantedNano, 0n), spentNano: list.reduce((sum, held) => sum + held.spentNano, 0n) };
    },
  };
}

function spent(denial: LeaseDenial, amountNano: bigint, now: number): Fault {
  const resets = denial.resetsAt === undefined ? '' : `It starts anew at ${new Date(denial.resetsAt).toISOString()}.`;
  return new Fault('quota.spent', {
    detail: `${denial.subject}: ${usdText(amountNano)} USD could not be held (${denial.code})`,
    ...(resets ? { hint: resets } : {}),
    ...(denial.resetsAt === undefined ? {} : { retryAfterMs: Math.max(0, denial.resetsAt - now) }),
  });
}
