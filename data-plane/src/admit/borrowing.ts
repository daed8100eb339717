import { createAppetite } from '@fairlead/shared/lease/appetite.ts';
import { createHoldings } from '@fairlead/shared/lease/holdings.ts';
import type { Held, Holdings, LeaseMemory, RecoveredLease, Slice } from '@fairlead/shared/lease/holdings.ts';
import { purseName } from '@fairlead/shared/lease/purse.ts';
import type { Purse } from '@fairlead/shared/lease/purse.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Neighbours } from './neighbours.ts';

/** What this node has of its neighbours' slices. */
export interface Borrowing {
  /** Sets an amount aside on a loan that is held. */
  take(purse: string, amountNano: bigint): Slice | undefined;
  /** Borrows from one neighbour that has it, and sets the amount aside; nothing when none has, or none answers in a second. */
  borrow(purse: Purse, amountNano: bigint): Promise<Slice | undefined>;
  /** Gives idle loans back and tells lenders that want to know: each lender by itself, so that one that is gone holds up nobody. */
  report(): void;
  /** Gives back what can be, for an orderly stop; waits for answers, but not for those that do not come. */
  release(): Promise<void>;
  held(): { loans: number; grantedNano: bigint };
}

const findMs = 400;
const askMs = 600;
const reportMs = 1_000;
/** Where nobody had anything, nobody is asked again for so long. */
const fruitlessMs = 500;
const fruitlessMost = 10_000;
/** A lender that does not answer is told less and less often. */
const pauseMostMs = 30_000;

/** A neighbour that lends, or has lent: to this node it is what the control plane is otherwise. */
interface Lender { id: string; holdings: Holdings; line: Promise<unknown>; reporting: boolean; wanted: boolean; givesAll: boolean; silent: number; notBeforeMs: number }

/** Loans of earlier starts are wound up. `recovered` are slices that neighbours lent; `borrows` is false where only those are to be given back. */
export function createBorrowing(parts: { bootId: string; neighbours: Neighbours; memory: LeaseMemory; clock: Clock; recovered: Iterable<RecoveredLease>; complete: boolean; borrows: boolean }): Borrowing {
  const { bootId, neighbours, memory, clock, borrows } = parts;
  const lenders = new Map<string, Lender>();
  const fruitless = new Map<string, number>();
  const finding = new Map<string, Promise<void>>();
  const appetite = createAppetite();
  const earlier = Map.groupBy(parts.recovered, ({ grant }) => grant.loan?.lenderId ?? '');

  /** Kept for as long as the node runs, since the numbers of its asks must rise. */
  const lenderOf = (id: string): Lender => {
    const known = lenders.get(id);
    if (known) return known;
    const holdings = createHoldings({ bootId, now: () => clock.now(), memory, recovered: earlier.get(id) ?? [], whole: parts.complete });
    const made: Lender = { id, holdings, line: Promise.resolve(), reporting: false, wanted: false, givesAll: false, silent: 0, notBeforeMs: 0 };
    lenders.set(id, made);
    return made;
  };
  for (const id of earlier.keys()) if (id !== '') lenderOf(id);

  /** One ask or report at a time goes to a lender. */
  const inLine = <T>(lender: Lender, work: () => Promise<T>): Promise<T> => {
    const turn = lender.line.then(work, work);
    lender.line = turn.catch(() => undefined);
    return turn;
  };

  const take = (purse: string, amountNano: bigint): Slice | undefined => {
    for (const { holdings } of lenders.values()) {
      const slice = holdings.take(purse, amountNano);
      if (slice) return slice;
    }
    return undefined;
  };

  /** Whether it lent something. */
  const askOf = async (lender: Lender, purse: Purse, amountNano: bigint): Promise<boolean> => {
    const { holdings } = lender;
    const ask = holdings.ask(purse, amountNano, amountNano * appetite.next(purseName(purse.holderId, purse.unit), clock.now()));
    const said = await neighbours.ask(lender.id, { is: 'ask', ask }, askMs);
    try {
      if (said?.is === 'granted') await holdings.granted({ ...said.grant, loan: { leaseId: said.grant.loan?.leaseId ?? '', lenderId: lender.id } });
      else if (said?.is !== 'none') holdings.unheard();
      return said?.is === 'granted';
    } catch (cause) {
      holdings.unheard();
      throw cause;
    }
  };

  /** Finds a neighbour that lends, for all who wait for this purse. */
  const find = async (purse: Purse, name: string, amountNano: bigint): Promise<void> => {
    const id = await neighbours.find({ is: 'who', purse, needNano: String(amountNano) }, findMs);
    if (id !== undefined) {
      const lender = lenderOf(id);
      lender.givesAll = false;
      if (await inLine(lender, () => askOf(lender, purse, amountNano))) return;
    }
    if (fruitless.size > fruitlessMost) fruitless.clear();
    fruitless.set(name, clock.now());
    appetite.refused(name, clock.now());
  };

  const send = async (lender: Lender, mayClose: (held: Held) => boolean): Promise<void> => {
    const { holdings } = lender;
    const report = holdings.report(mayClose);
    const sentAtMs = clock.now();
    const said = await neighbours.ask(lender.id, { is: 'report', report }, reportMs);
    if (said?.is === 'over') {
      lender.silent = 0;
      holdings.reported(sentAtMs, said.loanIds);
      return;
    }
    holdings.unreported();
    lender.silent += 1;
    lender.notBeforeMs = clock.now() + Math.min(pauseMostMs, 250 * 2 ** Math.min(lender.silent, 8));
  };

  const reportTo = (lender: Lender): void => {
    const { holdings } = lender;
    const restMs = lender.notBeforeMs - clock.now();
    // A clock that was set back must not make it wait for longer than it would.
    const rests = restMs > 0 && restMs <= pauseMostMs;
    if (lender.reporting || (!lender.wanted && (rests || !holdings.isDue()))) return;
    lender.reporting = true;
    lender.wanted = false;
    inLine(lender, () => send(lender, (held) => lender.givesAll || !holdings.isUsable(held) || holdings.isIdle(held))).catch(() => undefined).finally(() => { lender.reporting = false; });
  };

  neighbours.onWord((from, word) => {
    if (word.is !== 'tell' && word.is !== 'back') return;
    // Also one that this start knows nothing of: what it lent to an earlier one, or what never arrived, goes back by this.
    const lender = lenderOf(from);
    lender.wanted = true;
    lender.givesAll = word.is === 'back';
    reportTo(lender);
  });

  return {
    take,
    async borrow(purse, amountNano) {
      const name = purseName(purse.holderId, purse.unit);
      // Whoever waits for a loan of the purse may find that it is too small for two.
      for (let turn = 0; turn < 2; turn++) {
        const slice = take(name, amountNano);
        if (slice || !borrows) return slice;
        const sinceMs = clock.now() - (fruitless.get(name) ?? -Infinity);
        if (sinceMs >= 0 && sinceMs < fruitlessMs) return undefined;
        let one = finding.get(name);
        if (!one) finding.set(name, one = find(purse, name, amountNano).finally(() => finding.delete(name)));
        await one;
      }
      return take(name, amountNano);
    },
    report() { for (const lender of lenders.values()) reportTo(lender); },
    async release() {
      await Promise.all([...lenders.values()].filter(({ holdings }) => holdings.all().length > 0).map((lender) => inLine(lender, () => send(lender, () => true))));
    },
    held() {
      const all = [...lenders.values()].flatMap(({ holdings }) => holdings.all());
      return { loans: all.length, grantedNano: all.reduce((sum, { grant, grantedNano }) => sum + (grant.unit === 'USD' ? grantedNano : 0n), 0n) };
    },
  };
}
