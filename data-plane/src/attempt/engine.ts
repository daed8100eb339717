// Pure: no clock, no dice, no I/O. Serial, hedged and replayed requests are this one machine.
import type { Outcome } from './classify.ts';
import { consequences } from './consequences.ts';

/** What the machine knows of a candidate: its place in the list is its name. */
export interface Runner { upstream: string; model: string; credential: string }

/** What is fixed when a run begins. */
export interface RunRules {
  runners: readonly Runner[];
  /** Epoch ms after which nothing is begun and what runs is cancelled. */
  deadlineMs: number;
  /** A second candidate is called when no content has come after this long; undefined = never. */
  hedgeAfterMs: number | undefined;
}

/** What can happen to a run. */
export type RunEvent =
  | { kind: 'begin' }
  /** Content is in hand. */
  | { kind: 'served'; call: number }
  /** `waitMs`: what the upstream asks for. `repair`: the request could be mended so. */
  | { kind: 'failed'; call: number; outcome: Outcome; waitMs?: number | undefined; repair?: string | undefined }
  | { kind: 'woken' }
  | { kind: 'left' };

/** What is to be done about it. */
export type Command =
  | { do: 'call'; call: number; runner: number; kind: CallKind; repairs: readonly string[]; /** Others are waiting behind it. */ alternatives: boolean }
  | { do: 'cancel'; call: number; why: 'hedge-lost' | 'deadline' | 'left' }
  | { do: 'wake'; atMs: number }
  | { do: 'commit'; call: number }
  /** `waitMs`: when the soonest of them can be asked again. */
  | { do: 'give-up'; why: 'stopped' | 'exhausted' | 'deadline' | 'left'; waitMs: number | undefined };

/** Why a call is made. */
export type CallKind = 'first' | 'failover' | 'retry' | 'hedge' | 'repair';

/** What the machine may ask of the world at each step. */
export interface World {
  nowMs: number;
  /** In [0, 1). */
  roll: () => number;
  /** Whether the retry budget of this upstream has one left; takes it. */
  mayRetry: (upstream: string) => boolean;
}

/** One run. Owned by one exchange, changed by `step` alone. */
export interface Run {
  readonly rules: RunRules;
  /** Runners not yet called in this round, in order. */
  queue: number[];
  /** Runners for a later round, and when each may be asked again at the earliest. */
  again: { runner: number; notBeforeMs: number }[];
  running: Map<number, number>;
  repairs: Map<number, string[]>;
  calls: number;
  /** Those of them that were not made, since a budget did not allow them. */
  passed: number;
  round: number;
  /** Upstreams that failed in a way for which the request may be the cause, by class. */
  suspect: Map<Outcome, Set<string>>;
  hedged: boolean;
  hedgeAtMs: number | undefined;
  nextRoundAtMs: number | undefined;
  over: boolean;
}

/** No more calls than this for one request. */
export const callsMost = 8;
const roundsMost = 3;
const repairsMost = 3;
/** A request that three upstreams failed on is not carried to a fourth. */
const suspectsMost = 3;
const backOffBaseMs = 400;
const backOffMostMs = 8_000;
/** No client is held for an upstream that asks for a longer wait: it is told how long instead. */
const waitMostMs = 20_000;

/** A run before its first event. */
export function createRun(rules: RunRules): Run {
  return { rules, queue: rules.runners.map((_, at) => at), again: [], running: new Map(), repairs: new Map(), calls: 0, passed: 0, round: 0, suspect: new Map(), hedged: false, hedgeAtMs: undefined, nextRoundAtMs: undefined, over: false };
}

/** What follows from an event. After `commit` or `give-up` nothing more follows. */
export function step(run: Run, event: RunEvent, world: World): Command[] {
  if (run.over) return [];
  switch (event.kind) {
    case 'begin': return [{ do: 'wake', atMs: run.rules.deadlineMs }, ...goOn(run, world)];
    case 'left': return giveUp(run, 'left', world);
    case 'woken': return woken(run, world);
    case 'served': return served(run, event.call);
    case 'failed': return failed(run, event, world);
  }
}

function served(run: Run, call: number): Command[] {
  run.over = true;
  return [...[...run.running.keys()].filter((other) => other !== call).map((other): Command => ({ do: 'cancel', call: other, why: 'hedge-lost' })), { do: 'commit', call }];
}

function woken(run: Run, world: World): Command[] {
  if (world.nowMs >= run.rules.deadlineMs) return giveUp(run, 'deadline', world);
  if (run.hedgeAtMs !== undefined && world.nowMs >= run.hedgeAtMs) {
    run.hedgeAtMs = undefined;
    const other = run.queue.findIndex((runner) => ![...run.running.values()].some((busy) => sameModel(run, busy, runner)));
    if (run.running.size === 1 && other >= 0 && mayCall(run)) {
      run.hedged = true;
      return [callOf(run, run.queue.splice(other, 1)[0] ?? 0, 'hedge')];
    }
  }
  return run.nextRoundAtMs !== undefined && world.nowMs >= run.nextRoundAtMs ? goOn(run, world) : [];
}

function failed(run: Run, event: Extract<RunEvent, { kind: 'failed' }>, world: World): Command[] {
  const runner = run.running.get(event.call);
  if (runner === undefined) return [];
  run.running.delete(event.call);
  const row = consequences[event.outcome];
  if (event.outcome === 'over-quota') run.passed += 1;
  const tried = run.repairs.get(runner) ?? [];
  if (event.repair !== undefined && !tried.includes(event.repair) && tried.length < repairsMost && mayCall(run)) {
    run.repairs.set(runner, [...tried, event.repair]);
    return [callOf(run, runner, 'repair')];
  }
  if (row.then === 'stop') return giveUp(run, 'stopped', world);
  if (row.maybePoison) suspectOf(run, event.outcome).add(run.rules.runners[runner]?.upstream ?? '');
  if (row.then === 'later') {
    run.again.push({ runner, notBeforeMs: world.nowMs + (event.waitMs ?? 0) });
    // What is wrong with an upstream is wrong for all of its credentials: they come after the other upstreams.
    if (row.hurts === 'upstream') postpone(run, runner, world.nowMs);
  }
  return goOn(run, world);
}

/** Calls the next candidate, waits for one that runs, waits for a later round, or gives up. */
function goOn(run: Run, world: World): Command[] {
  if (run.running.size > 0) return [];
  if (!mayCall(run) || poisoned(run)) return giveUp(run, 'exhausted', world);
  const next = run.queue.shift();
  if (next !== undefined) {
    const first = run.calls === run.passed;
    const commands: Command[] = [callOf(run, next, run.calls === 0 ? 'first' : run.round === 0 ? 'failover' : 'retry')];
    if (first && run.rules.hedgeAfterMs !== undefined && run.queue.length > 0) {
      run.hedgeAtMs = world.nowMs + run.rules.hedgeAfterMs;
      commands.push({ do: 'wake', atMs: run.hedgeAtMs });
    }
    return commands;
  }
  return nextRound(run, world);
}

function nextRound(run: Run, world: World): Command[] {
  if (run.nextRoundAtMs !== undefined && world.nowMs < run.nextRoundAtMs) return [];
  if (run.nextRoundAtMs !== undefined) {
    // The wait is over: those who may be asked again are, as far as their budget of retries allows.
    const due = run.again.filter(({ notBeforeMs, runner }) => notBeforeMs <= world.nowMs && world.mayRetry(run.rules.runners[runner]?.upstream ?? ''));
    run.nextRoundAtMs = undefined;
    run.again = run.again.filter((entry) => !due.includes(entry));
    if (due.length === 0) return giveUp(run, 'exhausted', world);
    run.queue = due.map(({ runner }) => runner);
    return goOn(run, world);
  }
  const earliest = Math.min(...run.again.map(({ notBeforeMs }) => notBeforeMs));
  if (run.again.length === 0 || run.round >= roundsMost || suspicious(run)) return giveUp(run, 'exhausted', world);
  const wait = Math.max(earliest - world.nowMs, world.roll() * Math.min(backOffMostMs, backOffBaseMs * 2 ** run.round));
  if (wait > waitMostMs || world.nowMs + wait >= run.rules.deadlineMs) return giveUp(run, 'exhausted', world);
  run.round += 1;
  run.nextRoundAtMs = world.nowMs + wait;
  return [{ do: 'wake', atMs: run.nextRoundAtMs }];
}

function giveUp(run: Run, why: Extract<Command, { do: 'give-up' }>['why'], world: World): Command[] {
  run.over = true;
  const cancelled = [...run.running.keys()].map((call): Command => ({ do: 'cancel', call, why: why === 'left' ? 'left' : why === 'deadline' ? 'deadline' : 'hedge-lost' }));
  const waits = run.again.map(({ notBeforeMs }) => notBeforeMs - world.nowMs).filter((ms) => ms > 0);
  return [...cancelled, { do: 'give-up', why, waitMs: waits.length > 0 && waits.length === run.again.length ? Math.min(...waits) : undefined }];
}

function mayCall({ calls, passed }: Run): boolean {
  return calls - passed < callsMost;
}

function callOf(run: Run, runner: number, kind: CallKind): Command {
  run.calls += 1;
  run.running.set(run.calls, runner);
  return { do: 'call', call: run.calls, runner, kind, repairs: run.repairs.get(runner) ?? [], alternatives: run.queue.length > 0 && mayCall(run) };
}

function postpone(run: Run, runner: number, nowMs: number): void {
  const same = run.queue.filter((other) => sameModel(run, runner, other));
  if (same.length === 0) return;
  run.queue = run.queue.filter((other) => !same.includes(other));
  for (const other of same) run.again.push({ runner: other, notBeforeMs: nowMs });
}

function sameModel(run: Run, one: number, other: number): boolean {
  const [a, b] = [run.rules.runners[one], run.rules.runners[other]];
  return a !== undefined && b !== undefined && a.upstream === b.upstream && a.model === b.model;
}

function suspectOf(run: Run, outcome: Outcome): Set<string> {
  const known = run.suspect.get(outcome);
  if (known) return known;
  const made = new Set<string>();
  run.suspect.set(outcome, made);
  return made;
}

/** The same class from two upstreams: nobody is asked a second time. */
function suspicious(run: Run): boolean {
  return [...run.suspect.values()].some((upstreams) => upstreams.size >= 2);
}

function poisoned(run: Run): boolean {
  return [...run.suspect.values()].some((upstreams) => upstreams.size >= suspectsMost);
}

/** Whom failures speak against when the run is over: what two upstreams answered in one way, and none better, the request caused itself. */
export function blamed(run: Run, outcome: Outcome, succeeded: boolean): boolean {
  const row = consequences[outcome];
  return row.hurts !== 'nobody' && (!row.maybePoison || succeeded || (run.suspect.get(outcome)?.size ?? 0) < 2);
}
