// Pure. One history: nodes, a ledger and every fault that the seed has in store, with validators at every step.
import type { HolderRules } from '../holdings.ts';
import { ledgerRules } from '../ledger.ts';
import type { LedgerRules } from '../ledger.ts';
import type { LoanRules } from '../loan.ts';
import type { Purse } from '../purse.ts';
import { Agenda } from './agenda.ts';
import { createChance } from './chance.ts';
import type { Chance } from './chance.ts';
import { LedgerModel, ledgerHabits } from './ledger-model.ts';
import type { BudgetRow, LeaseRow, LedgerHabits, LedgerState } from './ledger-model.ts';
import { createMessenger } from './messenger.ts';
import { NodeModel, holderRulesWithout, nodeHabits } from './node-model.ts';
import type { Need, NodeHabits, NodeParts } from './node-model.ts';
import { createRoad } from './road.ts';
import { Broken, createTruth } from './truth.ts';
import type { TrueLease } from './truth.ts';
import { atRest, ledgerAddsUp } from './validators.ts';
import { rollWeather } from './weather.ts';
import type { Weather } from './weather.ts';

/** Rules that a simulation takes away: none, or one. */
export interface Without { ledger?: Partial<LedgerRules>; holder?: Partial<HolderRules>; ledgerHabits?: Partial<LedgerHabits>; nodeHabits?: Partial<NodeHabits>; loans?: Partial<LoanRules>; weather?: (weather: Weather) => Weather }

/** What happened in a history. */
export interface Figures { spentNano: bigint; limitNano: bigint; grants: number; denials: number; crashes: number; restores: number; forgottenNano: bigint; writtenOff: number; messages: number; /** Requests that went on uncovered. */ uncovered: number; /** Loans between nodes. */ loans: number }

const ticksEveryMs = 500;

/** Runs the history of a seed to its end; throws Broken at the first promise that does not hold. */
export function runHistory(seed: number, without: Without = {}): Figures {
  const chance = createChance(seed);
  const weather = (without.weather ?? ((same) => same))(rollWeather(chance));
  return new History(chance, weather, without).run();
}

class History {
  readonly agenda = new Agenda(1_000_000_000_000);
  readonly truth = createTruth();
  readonly figures: Figures = { spentNano: 0n, limitNano: 0n, grants: 0, denials: 0, crashes: 0, restores: 0, forgottenNano: 0n, writtenOff: 0, messages: 0, uncovered: 0, loans: 0 };
  readonly chance: Chance;
  readonly weather: Weather;
  readonly ledger: LedgerModel;
  readonly nodes: NodeModel[] = [];
  readonly #parts: NodeParts;
  readonly #limits = new Map<string, bigint>();
  #copies: LedgerState[] = [];
  #named = 0;
  #downUntilMs = 0;
  #awayUntilMs = 0;
  #uncovered = 0;
  #calm = false;

  constructor(chance: Chance, weather: Weather, without: Without) {
    this.chance = chance;
    this.weather = weather;
    this.ledger = new LedgerModel({
      windowsOf: (purse, nowMs) => this.#windowsOf(purse, nowMs), liveNodes: weather.nodes,
      rules: { ...ledgerRules, ...without.ledger }, habits: { ...ledgerHabits, ...without.ledgerHabits },
      watch: {
        granted: (lease) => this.#granted(lease),
        closed: (lease) => this.#closed(lease),
        denied: (budgets, needNano) => {
          this.figures.denials += 1;
          if (budgets.every((budget) => budget.limitNano - budget.spentNano - budget.escrowNano >= needNano)) throw new Broken(`refused ${needNano} although every budget has it`);
        },
      },
    });
    const road = createRoad({
      agenda: this.agenda, chance, weather, ledger: this.ledger, calm: () => this.#calm, truth: this.truth,
      isDown: () => this.agenda.nowMs < this.#downUntilMs,
      took: () => { this.figures.messages += 1; ledgerAddsUp(this.ledger.state, this.truth); },
    });
    this.#parts = {
      agenda: this.agenda, chance, truth: this.truth, road, excess: weather.excess, rules: holderRulesWithout(without.holder), habits: { ...nodeHabits, ...without.nodeHabits },
      dropped: (leaseId) => {
        // Told before a restore that it is closed: nobody is left who could tell the ledger again.
        const lease = this.truth.leases.get(leaseId);
        if (lease?.untold && !this.#isRemembered(lease) && this.ledger.state.leases.get(leaseId)?.open !== false) this.#excuse(leaseId);
      },
      loanRules: without.loans, messenger: weather.lends ? createMessenger({ agenda: this.agenda, chance, weather, nodes: this.nodes, liars: this.truth.liars, calm: () => this.#calm, isAway: () => this.agenda.nowMs < this.#awayUntilMs, lent: () => { this.figures.loans += 1; } }) : undefined,
      servesOn: weather.servesOn, newUncovered: () => `lse_on_${++this.#uncovered}`,
      wentOn: (node, leaseId, purse) => {
        this.figures.uncovered += 1;
        if (this.truth.leases.has(leaseId)) return;
        this.truth.leases.set(leaseId, { id: leaseId, nodeId: node.id, grantedNano: 0n, spentNano: 0n, excessNano: 0n, reservations: 0, budgets: this.#windowsOf(purse, this.agenda.nowMs).map(({ id }) => id), held: true, closedBy: undefined, untold: false, excused: false });
      },
    };
  }

  run(): Figures {
    const { chance, weather } = this;
    for (let at = 0; at < weather.nodes; at++) this.#newNode();
    const ticks = () => {
      for (const node of this.nodes) node.tick();
      if (!this.#calm) this.agenda.after(ticksEveryMs, ticks);
    };
    ticks();
    for (let step = 0; step < weather.steps; step++) {
      const node = this.nodes[chance.pick(this.nodes.length)];
      if (!node) continue;
      if (chance.hits(0.75)) node.serve(this.#needs());
      // Neighbours that are as busy have something to lend.
      if (weather.lends) for (const other of this.nodes) if (chance.hits(0.3)) other.serve(this.#needs());
      if (chance.hits(0.05)) node.keepOlder();
      this.#misfortune(node);
      this.agenda.pass(chance.pick(chance.hits(0.1) ? 3_000 : 300));
    }
    this.#comeToRest();
    for (const budget of this.truth.budgets.values()) {
      this.figures.spentNano += budget.spentNano;
      this.figures.limitNano += budget.boundNano;
      this.figures.forgottenNano += budget.forgottenNano;
    }
    return this.figures;
  }

  /** What one request reserves: always a key's dollars, and of some an upstream's tokens beside them. */
  #needs(): Need[] {
    const { chance, weather } = this;
    const needs: Need[] = [{ holderId: `key_${chance.pick(weather.keys)}`, unit: 'USD', amount: BigInt(1 + chance.pick(chance.hits(0.1) ? 200 : 30)) }];
    if (chance.hits(weather.upstreams)) needs.push({ holderId: `ups_${chance.pick(2)}`, unit: 'TOKENS', amount: BigInt(1 + chance.pick(40)) });
    return needs;
  }

  #newNode(): NodeModel {
    const node = new NodeModel(`nod_${this.#named++}`, this.#parts);
    this.nodes.push(node);
    node.boot();
    return node;
  }

  #misfortune(node: NodeModel): void {
    const { chance, weather, agenda } = this;
    if (chance.hits(weather.crash)) this.#crash(node);
    if (chance.hits(weather.pause)) node.pausedUntilMs = agenda.nowMs + chance.pick(60_000);
    if (chance.hits(weather.partition)) node.cutUntilMs = agenda.nowMs + chance.pick(90_000);
    if (chance.hits(weather.outage)) {
      this.#downUntilMs = agenda.nowMs + chance.pick(25_000);
      // Who waits for news sees the connection end.
      for (const each of this.nodes) if (chance.hits(0.7)) each.lose();
    }
    if (chance.hits(weather.messengerAway)) this.#awayUntilMs = agenda.nowMs + chance.pick(40_000);
    if (chance.hits(weather.clockJump)) {
      node.jumped = true;
      for (const lease of this.truth.leases.values()) if (lease.nodeId === node.id && !lease.held && this.ledger.state.leases.get(lease.id)?.open !== false) this.#excuse(lease.id);
      node.skewMs = chance.hits(0.3) ? 0 : (chance.pick(7) - 3) * 86_400_000 + chance.pick(3_600_000);
    }
    if (chance.hits(weather.lies)) this.truth.liars.add(node.id);
    if (chance.hits(0.1) && weather.restore > 0) this.#copies = [...this.#copies.slice(-2), this.ledger.copy()];
    if (chance.hits(weather.restore)) this.#restore();
    if (chance.hits(weather.limitChange)) this.#changeLimit();
    if (chance.hits(weather.revoke) && !this.ledger.revoked.has(node.id)) this.ledger.revoke(node.id, agenda.nowMs);
  }

  #crash(node: NodeModel): void {
    if (!node.up) return;
    const { chance, weather } = this;
    this.figures.crashes += 1;
    const lost = chance.hits(weather.diskLoss);
    node.crash(lost ? 'disk lost' : chance.hits(weather.diskDamage) ? 'disk damaged' : 'process');
    const back = chance.pick(10_000);
    if (!node.bootsWhole) for (const lease of this.truth.leases.values()) if (lease.nodeId === node.id) lease.untold = true;
    if (!lost) {
      this.agenda.after(back, () => node.boot());
      return;
    }
    // A node without its folder is another node; the old one never comes back.
    this.nodes.splice(this.nodes.indexOf(node), 1);
    this.agenda.after(back, () => this.#newNode());
    if (this.nodes.length === 0) this.#newNode();
  }

  #restore(): void {
    const older = this.#copies.pop();
    if (!older) return;
    this.figures.restores += 1;
    const before = this.ledger.state;
    this.ledger.state = older;
    for (const lease of this.truth.leases.values()) {
      const [was, is] = [before.leases.get(lease.id), older.leases.get(lease.id)];
      if (was === undefined || (is && was.open === is.open && was.spentNano === is.spentNano && was.excessNano === is.excessNano)) continue;
      // Until its node tells of it again, the ledger may grant its slice a second time: no protocol can keep what it was never told.
      this.#forget(lease.id);
      if (lease.closedBy !== undefined && is?.open !== false) {
        lease.closedBy = undefined;
        lease.untold = true;
      }
      // A second restore before its node has closed anything new goes unnoticed.
      if (!lease.held && !(this.#isRemembered(lease) && this.#ofNode(lease)?.wouldNotice)) lease.excused = true;
    }
    for (const [id, budget] of this.truth.budgets) {
      // A limit that was lowered since is forgotten too.
      const limitNano = older.budgets.get(id)?.limitNano ?? this.#limits.get(id) ?? 0n;
      if (limitNano > budget.boundNano) budget.boundNano = limitNano;
    }
    this.#copies = [];
  }

  /** Whether its node can tell again what it came to. One whose clock jumped by days may find it too old. */
  #isRemembered(lease: TrueLease): boolean {
    const node = this.#ofNode(lease);
    return node !== undefined && !node.jumped && node.disk.closed.has(lease.id);
  }

  #ofNode(lease: TrueLease): NodeModel | undefined {
    return this.nodes.find(({ id }) => id === lease.nodeId);
  }

  #forget(leaseId: string): void {
    const lease = this.truth.leases.get(leaseId);
    for (const id of lease?.budgets ?? []) {
      const budget = this.truth.budgets.get(id);
      if (budget && lease) budget.forgottenNano += lease.grantedNano;
    }
  }

  #excuse(leaseId: string): void {
    const lease = this.truth.leases.get(leaseId);
    if (!lease || lease.excused) return;
    lease.excused = true;
    this.#forget(leaseId);
  }

  #changeLimit(): void {
    const rows = [...this.ledger.state.budgets.values()];
    const row = rows[this.chance.pick(rows.length)];
    const budget = row && this.truth.budgets.get(row.id);
    if (!row || !budget) return;
    row.limitNano = BigInt(this.chance.pick(this.weather.limit * 2));
    const committed = row.spentNano + row.escrowNano;
    // What was held when the limit was lowered may still be spent, and nothing beyond it.
    budget.boundNano = row.limitNano > committed ? row.limitNano : committed;
  }

  #windowsOf({ holderId, unit }: Purse, nowMs: number): BudgetRow[] {
    const { windowMs, limit } = this.weather;
    const ids: [string, bigint, number | undefined][] = unit === 'USD'
      ? [['bud_pool', BigInt(limit), undefined], [`bud_${holderId}`, BigInt(Math.ceil(limit * 0.6)), undefined]]
      : [[`bud_${holderId}_${unit}`, BigInt(Math.ceil(limit * 0.8)), undefined]];
    if (windowMs !== undefined && unit === 'USD') {
      const window = Math.floor(nowMs / windowMs);
      ids.push([`bud_tenant_${window}`, BigInt(Math.ceil(limit * 0.5)), (window + 1) * windowMs]);
    }
    return ids.map(([id, limitNano, endsAtMs]) => {
      if (!this.truth.budgets.has(id)) this.truth.budgets.set(id, { boundNano: limitNano, forgottenNano: 0n, spentNano: 0n });
      if (!this.#limits.has(id)) this.#limits.set(id, limitNano);
      return { id, limitNano: this.#limits.get(id) ?? limitNano, spentNano: 0n, escrowNano: 0n, excessNano: 0n, endsAtMs };
    });
  }

  #granted(row: LeaseRow): void {
    this.figures.grants += 1;
    for (const lease of this.ledger.state.leases.values()) {
      if (lease !== row && lease.nodeId === row.nodeId && lease.bootId === row.bootId && lease.reqSeq === row.reqSeq && lease.holderId === row.holderId && lease.unit === row.unit) throw new Broken(`one wish holds two slices: ${lease.id} and ${row.id}`);
    }
    this.truth.leases.set(row.id, { id: row.id, nodeId: row.nodeId, grantedNano: row.grantedNano, spentNano: 0n, excessNano: 0n, reservations: 0, budgets: row.budgets, held: true, closedBy: undefined, untold: false, excused: false });
  }

  #closed(row: LeaseRow): void {
    const lease = this.truth.leases.get(row.id);
    if (!lease) return;
    lease.closedBy = row.closedBy;
    if (row.closedBy === 'WRITE_OFF') { this.figures.writtenOff += 1; return; }
    if (row.closedBy === 'ORPHAN' && row.spentNano + row.excessNano > 0n) throw new Broken(`${row.id} was spent from, and is closed as if nobody had ever had it`);
    if (lease.excused || this.truth.liars.has(lease.nodeId)) return;
    if (lease.partWrittenOff) {
      if (row.spentNano < lease.spentNano) throw new Broken(`${row.id} is closed with ${row.spentNano}, but ${lease.spentNano} were spent, part of it by a node that was shut out`);
      return;
    }
    if (lease.reservations > 0) throw new Broken(`${row.id} is closed (${row.closedBy}) while something is reserved on it`);
    if (lease.spentNano !== row.spentNano || lease.excessNano !== row.excessNano) throw new Broken(`${row.id} is closed (${row.closedBy}) with ${row.spentNano} and ${row.excessNano}, but ${lease.spentNano} and ${lease.excessNano} were spent`);
  }

  /** Faults end, what is under way arrives, every node reports until it holds nothing. */
  #comeToRest(): void {
    this.#calm = true;
    this.#downUntilMs = 0;
    this.#awayUntilMs = 0;
    for (const node of this.nodes) { node.cutUntilMs = 0; node.pausedUntilMs = 0; }
    this.agenda.pass(61_000);
    // A clock that was set forward made its node forget a doubt too early: what was granted unheard then waits for the node's next start.
    for (const node of this.nodes) if (node.jumped) { node.crash('process'); node.boot(); }
    for (let round = 0; round < 8; round++) {
      for (const node of this.nodes) { node.heartbeat(); node.tick(); }
      this.agenda.pass(round === 4 ? 1_000_000 : 6_000);
    }
    atRest(this.ledger, this.truth, this.nodes, this.agenda.nowMs);
  }
}
