import { healthName } from '@fairlead/shared/plan/health-report.ts';
import type { CredentialHealth, HealthReport, HealthView, UpstreamHealth } from '@fairlead/shared/plan/health-report.ts';
import type { SnapshotCredential } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Counters, RestBoard } from '../stores/stores.ts';
import { createBreaker, enter, failed, open, succeeded, turn, windowOf, wishMostMs, withdrawn } from './breaker.ts';
import type { Breaker } from './breaker.ts';
import type { Outcome } from './classify.ts';
import { consequences, longestRestMs } from './consequences.ts';
import { createRetryBudget } from './retry-budget.ts';

/** Leave to call, to be ended once. */
export interface Leave {
  /** The first content has come. */
  began(ttftMs: number): void;
  /** The call is over: nothing of it runs any more. */
  ended(): void;
}

/** Why a call is not made now. */
export interface HeldBack { heldBack: string; waitMs: number }

/** Who is meant: one model of one upstream, with one of its credentials. */
export interface Callee { upstream: { id: string }; model: string; credential: Pick<SnapshotCredential, 'id' | 'version' | 'requestsPerMinute' | 'concurrent'> }

/** This node's memory of how upstreams do: breakers, resting credentials, times and prompt-cache hits. */
export interface Health extends HealthView {
  /** Leave to call, or why not. `lastResort`: an open breaker is no reason when nothing else is left. */
  enter(callee: Callee, lastResort: boolean): Leave | HeldBack | Promise<Leave | HeldBack>;
  /** What a call came to, for whom it speaks against. `waitMs`: what the upstream asked for. */
  speaksAgainst(callee: Callee, outcome: Outcome, waitMs: number | undefined): void;
  speaksFor(callee: Callee): void;
  /** The call told nothing of the upstream: another may probe it. */
  saysNothing(callee: Callee): void;
  /** Input tokens and how many of them the upstream's prompt cache held. */
  cacheSeen(callee: Callee, inputTokens: number, hitTokens: number): void;
  usedShare(callee: Callee, share: number): void;
  mayRetry(upstreamId: string): boolean;
  report(): HealthReport;
}

interface ModelMemory { upstream: string; model: string; breaker: Breaker; ttftMs: number | undefined; cacheHitShare: number | undefined; inFlight: number }
interface CredentialMemory { version: number; untilMs: number; why: string; times: number; usedShare: number | undefined; usedAtMs: number; inFlight: number }

const rememberedMost = 20_000;
const reportedMost = 500;
/** How much a new measure weighs in a mean. */
const newWeight = 0.2;
/** With nothing else left, even an upstream whose breaker is open is tried after this long, as far as its budget of retries allows. */
const lastResortMs = 1_000;
/** What a vendor's headers said of its limits is stale after a minute: the windows of all of them are that short. */
const usedShareMs = 60_000;

/** Health in this node's memory; `board` tells other nodes of what rests, and hears of theirs. */
export function createHealth(parts: { clock: Clock; counters: Pick<Counters, 'pace'>; board: RestBoard; roll: () => number }): Health {
  const { clock, board } = parts;
  const models = new Map<string, ModelMemory>();
  const credentials = new Map<string, CredentialMemory>();
  const retries = createRetryBudget();
  let lastMs = clock.now();

  /** The time. When the clock was set back, what rests is not left resting for the difference. */
  const now = (): number => {
    const at = clock.now();
    const backMs = lastMs - at;
    lastMs = at;
    if (backMs > 0) {
      for (const { breaker } of models.values()) breaker.untilMs -= backMs;
      for (const memory of credentials.values()) { memory.untilMs -= backMs; memory.usedAtMs -= backMs; }
    }
    return at;
  };

  // The one that was looked at last is nearly always asked for again: its name is not put together for each look.
  let last: ModelMemory | undefined;
  const modelOf = (upstream: string, model: string): ModelMemory => {
    if (last !== undefined && last.upstream === upstream && last.model === model) return last;
    const name = healthName(upstream, model);
    const known = models.get(name);
    if (known) return last = known;
    const made = { upstream, model, breaker: createBreaker(), ttftMs: undefined, cacheHitShare: undefined, inFlight: 0 };
    last = undefined; // it may be among those that go
    forget(models, (memory) => memory.breaker.state === 'CLOSED' || memory.breaker.untilMs <= now());
    models.set(name, made);
    return made;
  };
  const credentialOf = (id: string): CredentialMemory => {
    const known = credentials.get(id);
    if (known) return known;
    const made = { version: 0, untilMs: 0, why: '', times: 0, usedShare: undefined, usedAtMs: 0, inFlight: 0 };
    forget(credentials, (memory) => memory.untilMs <= now());
    credentials.set(id, made);
    return made;
  };

  board.onRest((rest) => {
    if (rest.what === 'credential') {
      const memory = credentialOf(rest.id);
      if (rest.untilMs > memory.untilMs) { memory.untilMs = rest.untilMs; memory.why = rest.why; }
      return;
    }
    const { breaker } = modelOf(rest.upstream, rest.model);
    // Another node's clock may be wrong by hours.
    const untilMs = Math.min(rest.untilMs, now() + wishMostMs);
    if (untilMs > now() && (turn(breaker, now()) !== 'OPEN' || untilMs > breaker.untilMs)) open(breaker, rest.why, untilMs);
  });

  const upstreamRow = (memory: ModelMemory): UpstreamHealth => {
    const nowMs = now();
    const state = turn(memory.breaker, nowMs);
    const { calls, failureShare } = windowOf(memory.breaker, nowMs);
    const row: UpstreamHealth = { upstream: memory.upstream, model: memory.model, state, failureShare, calls, inFlight: memory.inFlight };
    if (state !== 'CLOSED') {
      row.why = memory.breaker.why;
      row.untilMs = Math.round(memory.breaker.untilMs);
    }
    if (memory.ttftMs !== undefined) row.ttftMs = Math.round(memory.ttftMs);
    if (memory.cacheHitShare !== undefined) row.cacheHitShare = Math.round(memory.cacheHitShare * 1e4) / 1e4;
    return row;
  };
  const credentialRow = (id: string, memory: CredentialMemory): CredentialHealth => {
    const nowMs = now();
    const row: CredentialHealth = { credential: id, inFlight: memory.inFlight };
    if (memory.untilMs > nowMs) {
      row.untilMs = Math.round(memory.untilMs);
      row.why = memory.why;
    }
    if (memory.usedShare !== undefined && nowMs - memory.usedAtMs < usedShareMs) row.usedShare = memory.usedShare;
    return row;
  };

  return {
    enter({ upstream, model, credential }, lastResort) {
      const nowMs = now();
      const remembered = credentialOf(credential.id);
      // A new secret has no past.
      if (remembered.version !== credential.version) Object.assign(remembered, { version: credential.version, ...(remembered.version === 0 ? {} : { untilMs: 0, times: 0, usedShare: undefined }) });
      if (remembered.untilMs > nowMs) return { heldBack: `its credential rests: ${remembered.why}`, waitMs: remembered.untilMs - nowMs };
      if (credential.concurrent !== undefined && remembered.inFlight >= credential.concurrent) return { heldBack: `${credential.concurrent} calls at once are its credential's limit`, waitMs: 250 };
      const memory = modelOf(upstream.id, model);
      const way = enter(memory.breaker, nowMs);
      if (way === 'no' && !lastResort) return { heldBack: turn(memory.breaker, nowMs) === 'OPEN' ? `its breaker is open: ${memory.breaker.why}` : 'one call is probing it', waitMs: lastResortMs };
      memory.inFlight += 1;
      remembered.inFlight += 1;
      let open = true;
      const leave: Leave = {
        began(ttftMs) { memory.ttftMs = mean(memory.ttftMs, ttftMs); },
        ended() {
          if (!open) return;
          open = false;
          memory.inFlight -= 1;
          remembered.inFlight -= 1;
        },
      };
      const paced = (wait: number): Leave | HeldBack => {
        if (wait > 0) {
          leave.ended();
          if (way === 'probe') withdrawn(memory.breaker);
          return { heldBack: `${credential.requestsPerMinute ?? 0} calls a minute are its credential's limit`, waitMs: wait };
        }
        retries.called(upstream.id);
        return leave;
      };
      if (credential.requestsPerMinute === undefined) return paced(0);
      const wait = parts.counters.pace(`credential:${credential.id}`, credential.requestsPerMinute, 60_000, nowMs, 1);
      return wait instanceof Promise ? wait.then(({ waitMs }) => paced(waitMs)) : paced(wait.waitMs);
    },
    speaksAgainst({ upstream, model, credential }, outcome, waitMs) {
      const row = consequences[outcome];
      const nowMs = now();
      if (row.hurts === 'credential') {
        const memory = credentialOf(credential.id);
        memory.times += 1;
        // A vendor that asks for no wait at all does not mean at once and without end.
        const restMs = waitMs !== undefined && waitMs > 0 ? waitMs : Math.min(longestRestMs, row.restMs * 2 ** Math.min(memory.times - 1, 12));
        // A shorter rest that is noticed later does not end a longer one that was asked for.
        if (nowMs + restMs > memory.untilMs) {
          memory.untilMs = nowMs + restMs;
          memory.why = outcome;
          board.rest({ what: 'credential', id: credential.id, why: outcome, untilMs: memory.untilMs });
        }
        withdrawn(modelOf(upstream.id, model).breaker);
      }
      if (row.hurts === 'upstream') {
        const memory = modelOf(upstream.id, model);
        const ms = failed(memory.breaker, outcome, nowMs, parts.roll(), waitMs);
        if (ms !== undefined) board.rest({ what: 'upstream', upstream: upstream.id, model, why: outcome, untilMs: memory.breaker.untilMs });
      }
    },
    speaksFor({ upstream, model, credential }) {
      succeeded(modelOf(upstream.id, model).breaker, now());
      const memory = credentialOf(credential.id);
      memory.times = 0;
      if (memory.untilMs <= now()) memory.untilMs = 0;
    },
    saysNothing: ({ upstream, model }) => withdrawn(modelOf(upstream.id, model).breaker),
    cacheSeen({ upstream, model }, inputTokens, hitTokens) {
      if (inputTokens <= 0) return;
      const memory = modelOf(upstream.id, model);
      memory.cacheHitShare = mean(memory.cacheHitShare, Math.min(1, hitTokens / inputTokens));
    },
    usedShare({ credential }, share) {
      const memory = credentialOf(credential.id);
      memory.usedShare = share;
      memory.usedAtMs = now();
    },
    mayRetry: (upstreamId) => retries.take(upstreamId, now()),
    upstream(upstreamId, model) {
      const memory = last !== undefined && last.upstream === upstreamId && last.model === model ? last : models.get(healthName(upstreamId, model));
      return memory && upstreamRow(memory);
    },
    credential(credentialId) {
      const memory = credentials.get(credentialId);
      return memory && credentialRow(credentialId, memory);
    },
    report: () => ({ upstreams: telling([...models.values()].map(upstreamRow)), credentials: [...credentials.entries()].slice(-reportedMost).map(([id, memory]) => credentialRow(id, memory)) }),
  };
}

function mean(old: number | undefined, news: number): number {
  return old === undefined ? news : old + (news - old) * newWeight;
}

/** Makes room: what is at rest goes first, then the oldest. Clients choose names of models, and a vendor may fail on each of them. */
function forget<T extends { inFlight: number }>(memories: Map<string, T>, mayGo: (memory: T) => boolean): void {
  if (memories.size < rememberedMost) return;
  for (const first of [mayGo, () => true]) {
    for (const [name, memory] of memories) {
      if (memory.inFlight === 0 && first(memory)) memories.delete(name);
      if (memories.size < rememberedMost * 0.9) return;
    }
  }
}

/** The rows worth telling, when there are too many: what does not do well, then what is used most. */
function telling(rows: UpstreamHealth[]): UpstreamHealth[] {
  if (rows.length <= reportedMost) return rows;
  return rows.sort((a, b) => Number(b.state !== 'CLOSED') - Number(a.state !== 'CLOSED') || b.calls - a.calls).slice(0, reportedMost);
}
