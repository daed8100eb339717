// Pure: time comes as an argument. One breaker for each model of each upstream.

/** CLOSED: calls go through. OPEN: none until `untilMs`. HALF_OPEN: one at a time, until one succeeds. */
export interface Breaker {
  state: 'CLOSED' | 'OPEN' | 'HALF_OPEN';
  why: string;
  untilMs: number;
  /** How often it has opened without a success in between. */
  opened: number;
  /** Failures in a row, and when the row began. */
  row: number;
  rowSinceMs: number;
  /** Epoch ms at which the probe under way began; 0 = none. */
  probeSinceMs: number;
  /** Calls and failures by slice of the window. */
  slices: { number: number; calls: number; failures: number }[];
}

const sliceMs = 3_000;
const slicesKept = 10;
/** Five failures in a row open it, three when they span two seconds: a dead upstream is out at once, whatever the traffic. */
const rowMost = 5;
const slowRowMost = 3;
const slowRowMs = 2_000;
/** Or half of at least ten calls within the window of 30 s. */
const callsLeast = 10;
const shareMost = 0.5;
const openBaseMs = 2_000;
const openMostMs = 120_000;
/** A vendor's own wish is granted for so long: a probe costs one call, and some say nonsense. */
export const wishMostMs = 600_000;
/** A probe that never came back does not keep an upstream closed off. */
const probeMostMs = 120_000;

/** A breaker that has seen nothing. */
export function createBreaker(): Breaker {
  return { state: 'CLOSED', why: '', untilMs: 0, opened: 0, row: 0, rowSinceMs: 0, probeSinceMs: 0, slices: [] };
}

/** Whether a call may be made now; takes the place of the probe when it is one. */
export function enter(breaker: Breaker, nowMs: number): 'call' | 'probe' | 'no' {
  turn(breaker, nowMs);
  if (breaker.state === 'CLOSED') return 'call';
  if (breaker.state === 'OPEN' || (breaker.probeSinceMs > 0 && Math.abs(nowMs - breaker.probeSinceMs) < probeMostMs)) return 'no';
  breaker.probeSinceMs = nowMs;
  return 'probe';
}

/** A call that ended well. Closes it, whatever it was. */
export function succeeded(breaker: Breaker, nowMs: number): void {
  sliceAt(breaker, nowMs).calls += 1;
  breaker.row = 0;
  if (breaker.state === 'CLOSED') return;
  breaker.state = 'CLOSED';
  breaker.opened = 0;
  breaker.probeSinceMs = 0;
  // What it did before is no measure of what it does now.
  breaker.slices = [];
}

/** A call that failed through the upstream's fault. Returns how long it is now open, when this opened it. `roll` is in [0, 1). */
export function failed(breaker: Breaker, why: string, nowMs: number, roll: number, wishMs = 0): number | undefined {
  turn(breaker, nowMs);
  const slice = sliceAt(breaker, nowMs);
  slice.calls += 1;
  slice.failures += 1;
  if (breaker.row === 0) breaker.rowSinceMs = nowMs;
  breaker.row += 1;
  if (breaker.state === 'OPEN') return undefined;
  const { calls, failureShare } = windowOf(breaker, nowMs);
  const due = breaker.state === 'HALF_OPEN' || breaker.row >= rowMost || (breaker.row >= slowRowMost && nowMs - breaker.rowSinceMs >= slowRowMs) || (calls >= callsLeast && failureShare >= shareMost);
  if (!due) return undefined;
  // Doubled each time, and never at the same moment on every node.
  const ms = Math.max(Math.min(wishMs, wishMostMs), Math.min(openMostMs, openBaseMs * 2 ** breaker.opened) * (0.75 + roll * 0.5));
  open(breaker, why, nowMs + ms);
  return ms;
}

/** A call that says nothing of the upstream: the place of the probe is free again. */
export function withdrawn(breaker: Breaker): void {
  breaker.probeSinceMs = 0;
}

/** Opens it, as another node has seen it. A longer rest is not cut short. */
export function open(breaker: Breaker, why: string, untilMs: number): void {
  breaker.opened += 1;
  breaker.state = 'OPEN';
  breaker.why = why;
  breaker.untilMs = Math.max(untilMs, breaker.untilMs);
  breaker.probeSinceMs = 0;
}

/** Calls and the share of failures in the last 30 s. */
export function windowOf(breaker: Breaker, nowMs: number): { calls: number; failureShare: number } {
  const oldest = Math.floor(nowMs / sliceMs) - slicesKept;
  let calls = 0;
  let failures = 0;
  for (const slice of breaker.slices) if (slice.number > oldest) { calls += slice.calls; failures += slice.failures; }
  return { calls, failureShare: calls === 0 ? 0 : failures / calls };
}

/** The state now: an open one turns half-open when its time is over. */
export function turn(breaker: Breaker, nowMs: number): Breaker['state'] {
  if (breaker.state === 'OPEN' && nowMs >= breaker.untilMs) breaker.state = 'HALF_OPEN';
  return breaker.state;
}

function sliceAt(breaker: Breaker, nowMs: number): { calls: number; failures: number } {
  const number = Math.floor(nowMs / sliceMs);
  const last = breaker.slices[breaker.slices.length - 1];
  if (last?.number === number) return last;
  const made = { number, calls: 0, failures: 0 };
  breaker.slices.push(made);
  if (breaker.slices.length > slicesKept) breaker.slices.shift();
  return made;
}
