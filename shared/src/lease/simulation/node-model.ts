// Pure. A node of a simulation: the real holdings, a disk that outlives it, and requests that spend.
import { createAppetite } from '../appetite.ts';
import { createHoldings, holderRules } from '../holdings.ts';
import type { ClosedLease, Held, HolderRules, Holdings, Slice } from '../holdings.ts';
import type { LeaseAsk, LeaseDenial, LeaseGrant, LeaseReport } from '../lease.ts';
import { loanRules } from '../loan.ts';
import type { LoanRules } from '../loan.ts';
import { purseName } from '../purse.ts';
import type { Purse } from '../purse.ts';
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import { NeighboursModel } from './neighbours-model.ts';
import type { LoanDisk, Messenger } from './neighbours-model.ts';
import { Broken, bookTruth } from './truth.ts';
import type { Truth } from './truth.ts';

/** What a node keeps to beside the rules of its holdings, and a simulation may take away. */
export interface NodeHabits {
  /** A grant is on disk before it is spent. */
  writesGrantsDown: boolean;
  /** What a crash left open is charged at its reservation. */
  chargesWhatACrashLeftOpen: boolean;
  /** What a damaged journal still says of leases is not believed. */
  distrustsADamagedDisk: boolean;
  /** Ids of starts rise, also when the clock is set back. */
  idsOfStartsRise: boolean;
  /** A control plane that may be an older one is told of closed leases anew. */
  retells: boolean;
  /** A loan is on disk before its borrower hears of it. */
  writesLoansDown: boolean;
}

/** As it is. */
export const nodeHabits: NodeHabits = { writesGrantsDown: true, chargesWhatACrashLeftOpen: true, distrustsADamagedDisk: true, idsOfStartsRise: true, retells: true, writesLoansDown: true };

/** What a request needs of one purse. */
export interface Need extends Purse { amount: bigint }

/** The way to the control plane: calls `answer` once, twice, late or never. */
export interface Road {
  ask(node: NodeModel, ask: LeaseAsk, answer: (said: LeaseGrant | LeaseDenial) => void): void;
  report(node: NodeModel, report: LeaseReport, answer: (closed: readonly string[]) => void): void;
  /** `behind`: the ledger does not know that this lease of the node is closed. */
  heartbeat(node: NodeModel, closedLeaseId: string | undefined, behind: () => void): void;
}

interface Kept { grant: LeaseGrant; spentNano: bigint; excessNano: bigint }
interface Open { leaseId: string; /** The lease, or the loan, whose sums on disk it counts in. */ keptId: string; amountNano: bigint; uncovered: boolean }
interface Disk extends LoanDisk { leases: Map<string, Kept>; closed: Map<string, ClosedLease>; open: Map<number, Open>; whole: boolean }
const emptyDisk = (whole: boolean): Disk => ({ leases: new Map(), closed: new Map(), open: new Map(), loans: new Map(), closedLoans: new Map(), whole });

const timeoutMs = 5_000;

/** One node of a history. */
export class NodeModel {
  readonly id: string;
  bootId = '';
  up = false;
  pausedUntilMs = 0;
  cutUntilMs = 0;
  skewMs = 0;
  jumped = false;
  disk: Disk = emptyDisk(true);
  /** The disk as it was a while ago, which is what damage leaves of it. */
  #older: Disk | undefined;
  #holdings: Holdings | undefined;
  neighbours: NeighboursModel | undefined;
  #underWay: LeaseAsk | LeaseReport | undefined;
  #inMemory = new Map<number, Open>();
  #behindOf: string | undefined;
  /** Whether the ledger answered last: a slice is not given up to one that may not hear it. */
  #reaches = true;
  #reservations = 0;
  #lastBootMs = 0;
  #appetite = createAppetite();
  readonly #parts: NodeParts;

  /** It is down until it boots. */
  constructor(id: string, parts: NodeParts) {
    this.id = id;
    this.#parts = parts;
  }

  get bootsWhole(): boolean { return this.disk.whole; }

  /** What is set aside for requests that are running. */
  get reservedNano(): bigint { return [...this.#inMemory.values()].reduce((sum, { amountNano }) => sum + amountNano, 0n); }

  boot(): void {
    const { agenda, truth, habits } = this.#parts;
    for (const [id, { leaseId, keptId, amountNano, uncovered }] of this.disk.open) {
      const kept = this.disk.leases.get(keptId);
      if (kept && habits.chargesWhatACrashLeftOpen) kept[uncovered ? 'excessNano' : 'spentNano'] += amountNano;
      this.#close(leaseId, amountNano, uncovered);
      this.disk.open.delete(id);
    }
    const bootMs = agenda.nowMs + this.skewMs;
    this.#lastBootMs = habits.idsOfStartsRise ? Math.max(bootMs, this.#lastBootMs + 1) : bootMs;
    this.bootId = `bot_${String(this.#lastBootMs).padStart(16, '0')}_${agenda.nowMs}`;
    this.up = true;
    this.#underWay = undefined;
    this.#appetite = createAppetite();
    const now = () => agenda.nowMs + this.skewMs;
    const { bootId } = this;
    const { whole } = this.disk;
    const recovered = [...this.disk.leases.values()].map((kept) => ({ ...kept }));
    const { rules } = this.#parts;
    const holdings = createHoldings({
      bootId, now, whole, rules, recovered: recovered.filter(({ grant }) => grant.loan === undefined), closed: habits.retells ? this.disk.closed.values() : [],
      memory: {
        granted: (grant) => { if (habits.writesGrantsDown) this.disk.leases.set(grant.leaseId, { grant, spentNano: 0n, excessNano: 0n }); },
        leaseClosed: (leaseId) => {
          const kept = this.disk.leases.get(leaseId);
          if (kept && kept.spentNano + kept.excessNano > 0n) this.disk.closed.set(leaseId, { ...kept, closedAtMs: agenda.nowMs + this.skewMs });
          this.disk.leases.delete(leaseId);
          const lease = truth.leases.get(leaseId);
          if (lease) lease.held = false;
          this.#parts.dropped(leaseId);
        },
      },
    });
    this.#holdings = holdings;
    const { messenger } = this.#parts;
    this.neighbours = messenger && new NeighboursModel({
      nodeId: this.id, bootId, now, whole, rules, holdings, messenger, recovered: recovered.filter(({ grant }) => grant.loan !== undefined), disk: this.disk,
      loanRules: { ...loanRules, ...this.#parts.loanRules }, writesLoansDown: habits.writesLoansDown, newLoanId: () => messenger.newLoanId(), lent: () => messenger.lent(),
      memory: {
        granted: (grant) => { if (habits.writesGrantsDown) this.disk.leases.set(grant.leaseId, { grant, spentNano: 0n, excessNano: 0n }); },
        leaseClosed: (loanId) => { this.disk.leases.delete(loanId); },
      },
      booked: ({ loan, spentNano, excessNano }) => {
        const kept = this.disk.leases.get(loan.leaseId);
        if (kept) { kept.spentNano += spentNano; kept.excessNano += excessNano; }
      },
      whenAwake: (run) => this.#whenAwake(holdings, run),
      after: (ms, run) => agenda.after(ms, () => this.#whenAwake(holdings, run)),
    });
    this.#behindOf = undefined;
    this.heartbeat();
  }

  /** The process is gone; with it all that was not on disk. */
  crash(fate: 'process' | 'disk lost' | 'disk damaged'): void {
    if (!this.up) return;
    this.up = false;
    this.#holdings = undefined;
    this.neighbours = undefined;
    if (fate === 'process') { this.#inMemory.clear(); return; }
    const damaged = fate === 'disk damaged' && this.#older;
    // What ran, ran: the upstream may charge all of it, though nobody here knows any more.
    const kept = damaged && this.#parts.habits.distrustsADamagedDisk ? new Map() : (damaged && this.#older?.open) || new Map();
    for (const [id, { leaseId, amountNano, uncovered }] of this.#inMemory) if (!kept.has(id)) this.#close(leaseId, amountNano, uncovered);
    const older = this.#older;
    this.disk = emptyDisk(false);
    if (damaged && older && !this.#parts.habits.distrustsADamagedDisk) {
      this.disk.leases = older.leases;
      for (const [id, one] of older.open) if (this.#inMemory.has(id)) this.disk.open.set(id, one);
    }
    this.#inMemory.clear();
  }

  /** Now and then: what damage would leave. */
  keepOlder(): void {
    this.#older = { ...emptyDisk(this.disk.whole), leases: new Map([...this.disk.leases].map(([id, kept]) => [id, { ...kept }])), open: new Map(this.disk.open), loans: new Map(this.disk.loans) };
  }

  get awake(): boolean { return this.up && this.#parts.agenda.nowMs >= this.pausedUntilMs; }

  /** A request comes in. */
  serve(needs: readonly Need[]): void {
    const holdings = this.#holdings;
    if (!holdings || !this.awake) return;
    const missing = this.#spend(holdings, needs);
    if (!missing || this.#underWay) return;
    this.#wish(holdings, needs, missing, true);
  }

  /** Asks for what is missing; once more when what lies idle here has gone back. */
  #wish(holdings: Holdings, needs: readonly Need[], missing: Need, again: boolean): void {
    const { agenda, road } = this.#parts;
    const name = purseName(missing.holderId, missing.unit);
    const closedLeaseId = holdings.lastClosed();
    const ask = { ...holdings.ask(missing, missing.amount, missing.amount * this.#appetite.next(name, agenda.nowMs)), ...this.#closedLast(holdings) };
    this.#underWay = ask;
    road.ask(this, ask, (said) => this.#whenAwake(holdings, () => {
      this.#reaches = true;
      if (!('code' in said)) {
        try { holdings.granted(said); } catch { return; }
        this.#spend(holdings, needs);
      }
      if (this.#underWay !== ask) return;
      this.#underWay = undefined;
      if (!('code' in said)) return;
      if (said.code === 'ledger.behind' && closedLeaseId !== undefined) this.#behind(holdings, closedLeaseId);
      this.#appetite.refused(name, agenda.nowMs);
      // The budget may be short only because slices lie idle here: they go back.
      if (again) this.#report(holdings, (held) => held.grant.holderId === missing.holderId && held.grant.unit === missing.unit, () => this.#wish(holdings, needs, missing, false));
      else {
        this.#parts.refused?.(missing);
        this.#borrow(holdings, needs, missing);
      }
    }));
    this.#afterTimeout(ask, () => {
      holdings.unheard();
      this.#lost(holdings);
      // The owner would rather have it served than refused.
      if (this.#parts.servesOn) this.#spend(holdings, needs, true);
      else this.#borrow(holdings, needs, missing);
    });
  }

  #borrow(holdings: Holdings, needs: readonly Need[], missing: Need): void {
    const lenderId = this.#parts.messenger?.neighbourOf(this.id, purseName(missing.holderId, missing.unit), missing.amount);
    if (lenderId !== undefined) this.neighbours?.borrow(lenderId, missing, missing.amount, () => this.#spend(holdings, needs));
  }

  /** Whether it would tell of its closed leases anew, should the ledger forget them now: once for each that was closed last. */
  get wouldNotice(): boolean { return this.#behindOf === undefined || this.#holdings?.lastClosed() !== this.#behindOf; }

  /** A sign of life, which also shows whether the ledger was restored. */
  heartbeat(): void {
    const holdings = this.#holdings;
    const closedLeaseId = holdings?.lastClosed();
    this.#parts.road.heartbeat(this, closedLeaseId, () => { if (holdings && closedLeaseId !== undefined) this.#whenAwake(holdings, () => this.#behind(holdings, closedLeaseId)); });
  }

  /** What neighbours have that were shut out counts as spent. */
  neighboursShutOut(revoked: ReadonlySet<string>): void {
    const holdings = this.#holdings;
    if (!holdings) return;
    for (const { leaseId, borrowerId } of this.neighbours?.book.open() ?? []) {
      const lease = revoked.has(borrowerId) ? this.#parts.truth.leases.get(leaseId) : undefined;
      if (lease) lease.partWrittenOff = true;
    }
    this.#whenAwake(holdings, () => { for (const id of revoked) void this.neighbours?.book.writeOff(id); });
  }

  /** Told once for each lease: one that the ledger will not take is not told for ever. */
  #behind(holdings: Holdings, closedLeaseId: string): void {
    if (this.#behindOf === closedLeaseId) return;
    this.#behindOf = closedLeaseId;
    this.#lost(holdings);
  }

  #closedLast(holdings: Holdings): { closedLeaseId?: string } {
    const closedLeaseId = holdings.lastClosed();
    return closedLeaseId === undefined || closedLeaseId === this.#behindOf ? {} : { closedLeaseId };
  }

  /** It sees that the ledger cannot be reached. */
  lose(): void {
    if (!this.#holdings || !this.awake) return;
    this.#reaches = false;
    this.#lost(this.#holdings);
  }

  #lost(holdings: Holdings): void {
    if (this.#parts.habits.retells) holdings.retell();
  }

  /** The keeper's tick. */
  tick(): void {
    const holdings = this.#holdings;
    if (this.awake) this.neighbours?.tick();
    if (!holdings || !this.awake || this.#underWay || !holdings.isDue()) return;
    this.#report(holdings, (held) => !holdings.isUsable(held) || (this.#reaches && holdings.isIdle(held)));
  }

  #report(holdings: Holdings, mayClose: (held: Held) => boolean, then?: () => void): void {
    const { agenda, road } = this.#parts;
    const report = { ...holdings.report(mayClose), ...this.#closedLast(holdings) };
    const sentAtMs = agenda.nowMs + this.skewMs;
    this.#underWay = report;
    road.report(this, report, (closed) => this.#whenAwake(holdings, () => {
      this.#reaches = true;
      if (this.#underWay !== report) return;
      this.#underWay = undefined;
      holdings.reported(sentAtMs, closed);
      then?.();
    }));
    this.#afterTimeout(report, () => { holdings.unreported(); this.#lost(holdings); });
  }

  /** Reserves of every purse that a request needs, or of none; what it is then made of costs what it costs. Returns the need that no slice had; where requests go on uncovered there is none. */
  #spend(holdings: Holdings, needs: readonly Need[], goesOn = false): Need | undefined {
    const taken: [Slice, bigint][] = [];
    for (const need of needs) {
      const name = purseName(need.holderId, need.unit);
      const slice = holdings.take(name, need.amount) ?? this.neighbours?.take(name, need.amount) ?? (goesOn ? holdings.goOn(need, this.#parts.newUncovered()) : undefined);
      // What is simulated is written down at once.
      if (slice instanceof Promise) throw new Error('a simulated node does not wait for its memory');
      if (!slice) {
        for (const [other] of taken) other.settle(0n, 0n);
        return need;
      }
      if (slice.uncovered) this.#parts.wentOn(this, slice.leaseId, need);
      taken.push([slice, need.amount]);
    }
    for (const [slice, amountNano] of taken) this.#run(holdings, slice, amountNano);
    return undefined;
  }

  #run(holdings: Holdings, slice: Slice, amountNano: bigint): void {
    const { chance, truth, agenda, excess, lastsMs } = this.#parts;
    const lease = truth.leases.get(slice.leaseId);
    if (!lease) throw new Broken(`${slice.leaseId} was never granted`);
    if ((lease.closedBy === 'FINAL' || lease.closedBy === 'ORPHAN') && !lease.excused && !lease.partWrittenOff) throw new Broken(`${slice.leaseId} is spent from after it was closed (${lease.closedBy})`);
    lease.reservations += 1;
    const id = ++this.#reservations;
    const uncovered = slice.uncovered === true;
    const open: Open = { leaseId: slice.leaseId, keptId: slice.loan?.loanId ?? slice.leaseId, amountNano, uncovered };
    this.#inMemory.set(id, open);
    this.disk.open.set(id, open);
    agenda.after(lastsMs?.() ?? 10 + chance.pick(chance.hits(0.2) ? 20_000 : 800), () => this.#whenAwake(holdings, () => {
      const costNano = BigInt(chance.pick(Number(amountNano) + 1));
      const moreNano = chance.hits(excess) ? BigInt(chance.pick(20)) : 0n;
      this.#inMemory.delete(id);
      this.disk.open.delete(id);
      const kept = this.disk.leases.get(open.keptId);
      if (kept) { kept.spentNano += uncovered ? 0n : costNano; kept.excessNano += uncovered ? costNano + moreNano : moreNano; }
      slice.settle(costNano, moreNano);
      this.#close(slice.leaseId, costNano, uncovered, moreNano);
    }));
  }

  #close(leaseId: string, costNano: bigint, uncovered: boolean, moreNano = 0n): void {
    const { truth } = this.#parts;
    if (uncovered) bookTruth(truth, leaseId, 0n, costNano + moreNano);
    else bookTruth(truth, leaseId, costNano, moreNano);
    const lease = truth.leases.get(leaseId);
    if (lease) lease.reservations -= 1;
  }

  /** In the life of this boot, when the process runs. */
  #whenAwake(holdings: Holdings, run: () => void): void {
    if (this.#holdings !== holdings) return;
    const wait = this.pausedUntilMs - this.#parts.agenda.nowMs;
    if (wait > 0) this.#parts.agenda.after(wait, () => this.#whenAwake(holdings, run));
    else run();
  }

  #afterTimeout(message: LeaseAsk | LeaseReport, run: () => void): void {
    const holdings = this.#holdings;
    if (!holdings) return;
    this.#parts.agenda.after(timeoutMs, () => this.#whenAwake(holdings, () => {
      if (this.#underWay !== message) return;
      this.#underWay = undefined;
      this.#reaches = false;
      run();
    }));
  }
}

/** A messenger, and whom one would ask. */
export interface NodesMessenger extends Messenger { neighbourOf(nodeId: string, purse: string, needNano: bigint): string | undefined; newLoanId(): string; lent(): void }

/** What a node of a simulation is made of. */
export interface NodeParts {
  agenda: Agenda; chance: Chance; truth: Truth; road: Road; rules: HolderRules; habits: NodeHabits; excess: number;
  dropped(leaseId: string): void; /** Whether requests go on uncovered while the ledger cannot be reached. */ servesOn: boolean; newUncovered(): string; wentOn(node: NodeModel, leaseId: string, purse: Purse): void; /** Where nodes lend to each other. */ messenger?: NodesMessenger | undefined; loanRules?: Partial<LoanRules> | undefined; /** How long a request runs. */ lastsMs?(): number; /** A request was told that a budget has not enough left. */ refused?(need: Need): void }

/** The rules of holders as they are, some of them taken away. */
export function holderRulesWithout(changed: Partial<HolderRules> | undefined): HolderRules {
  return { ...holderRules, ...changed };
}
