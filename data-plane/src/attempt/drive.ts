import { Fault } from '@fairlead/shared/faults/fault.ts';
import { noReading } from '@fairlead/shared/money/charge.ts';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import { Stop } from '@fairlead/shared/time/stop.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { TraceAttempt } from '@fairlead/shared/usage/trace.ts';
import type { Accounts, AttemptAccount } from '../journey/account.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate, Plan } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import type { StreamEnd } from '../journey/reply.ts';
import { call } from './call.ts';
import type { CallParts, Failed, Served } from './call.ts';
import { consequences } from './consequences.ts';
import { blamed, createRun, step } from './engine.ts';
import type { Command, RunEvent } from './engine.ts';
import type { Health, Leave } from './health.ts';
import { Stopped } from './stopped.ts';

/** What attempts need of the node. `roll` is in [0, 1). */
export interface AttemptParts extends CallParts { health: Health; roll: () => number; holdMs: number }

/** One exchange to attempt. `signal` is aborted when its client has left; `attempts` is filled in for the trace. */
export interface AttemptAt { inbound: Inbound; plan: Plan; ask: Ask; accounts: Accounts; attempts: TraceAttempt[]; signal: Signal }

/** How a run ended. */
export type Decided =
  | { kind: 'committed'; served: Served; candidate: Candidate; account: AttemptAccount | undefined; entry: TraceAttempt }
  | { kind: 'gave-up'; why: 'stopped' | 'exhausted' | 'deadline' | 'left'; waitMs: number | undefined; failures: Failed[]; /** Money or disk said no to a further attempt. */ fault: Fault | undefined };

const overallMs = 600_000;

/** A run under way. `leave` stops it and whatever it has open, as the abort of its signal does: its client is gone. */
export interface Driven { decided: Promise<Decided>; leave(): void }

interface OpenCall { candidate: Candidate; entry: TraceAttempt; stop: Stop; account?: AttemptAccount | undefined; place: Leave; served?: Served; startedAtMs: number; left(): void; end(): void }

/** Does what the engine says: makes its calls, keeps its times, tells it what came of them. */
export function drive(at: AttemptAt, parts: AttemptParts): Driven {
  const { inbound, plan, ask, attempts, signal } = at;
  const { clock, health } = parts;
  const { candidates } = plan;
  const run = createRun({ runners: candidates.map(({ upstream, model, credential }) => ({ upstream: upstream.id, model, credential: credential.id })), deadlineMs: inbound.receivedAtMs + overallMs, hedgeAfterMs: plan.hedgeAfterMs });
  // No getter: an object with one of its own closures has a hidden class of its own, which keeps everything that the
  // closure sees from the garbage collector until a full collection.
  const world = { nowMs: 0, roll: parts.roll, mayRetry: (upstream: string) => health.mayRetry(upstream) };
  const calls = new Map<number, OpenCall>();
  /** Those of them that are not over. */
  const live = new Set<OpenCall>();
  const failures: Failed[] = [];
  // What may be the request's own doing speaks against an upstream only when the run is over.
  const suspended: { candidate: Candidate; failure: Failed }[] = [];
  const alarms: (() => void)[] = [];
  let leave = (): void => undefined;
  let fault: Fault | undefined;
  // The budget of an upstream that has room again the soonest, among those that had none.
  let overQuota: Fault | undefined;
  let soonestMs: number | undefined;

  const decided = new Promise<Decided>((decide, reject) => {
    const post = (event: RunEvent): void => {
      world.nowMs = clock.now();
      for (const command of step(run, event, world)) obey(command);
    };
    // Heard for as long as something is decided or open.
    leave = () => {
      post({ kind: 'left' });
      for (const open of [...live]) open.left();
    };
    const atRest = () => { if (run.over && live.size === 0) signal.removeEventListener('abort', leave); };

    const close = (succeeded: boolean) => {
      for (const cancel of alarms) cancel();
      atRest();
      for (const { candidate, failure } of suspended) {
        const said = failure.toAll ?? failure.outcome;
        if (blamed(run, said, succeeded)) health.speaksAgainst(candidate, said, failure.waitMs);
        else health.saysNothing(candidate);
      }
    };

    const wake = (atMs: number): void => {
      const ring = () => {
        if (run.over) return;
        // A timer may be a moment early; the engine would not hear of it again.
        if (clock.now() < atMs) wake(atMs);
        else post({ kind: 'woken' });
      };
      alarms.push(clock.alarm(Math.max(0, Math.ceil(atMs - clock.now())), ring));
    };

    const obey = (command: Command): void => {
      switch (command.do) {
        case 'call': make(command).catch((error: unknown) => { reject(error instanceof Error ? error : new Error(String(error))); post({ kind: 'left' }); /* nobody waits for what else runs */ }); return;
        case 'wake': wake(command.atMs); return;
        case 'cancel': {
          const lost = calls.get(command.call);
          if (!lost) return;
          lost.entry.outcome = command.why === 'left' ? 'client-left' : command.why === 'deadline' ? 'stalled' : 'hedge-lost';
          lost.stop.abort(new Stopped(command.why));
          return;
        }
        case 'commit': {
          const won = calls.get(command.call);
          close(true);
          if (!won?.served) { reject(new Error('nothing was served that could be committed')); return; }
          won.place.began(won.served.firstContentAtMs - won.startedAtMs);
          health.speaksFor(won.candidate);
          decide({ kind: 'committed', served: won.served, candidate: won.candidate, account: won.account, entry: won.entry });
          return;
        }
        case 'give-up':
          close(false);
          decide({ kind: 'gave-up', why: command.why, waitMs: command.waitMs ?? soonestMs, failures, fault: fault ?? (failures.length === 0 ? overQuota : undefined) });
      }
    };

    const make = async (command: Extract<Command, { do: 'call' }>): Promise<void> => {
      const candidate = candidates[command.runner];
      if (!candidate) throw new Error(`there is no candidate ${command.runner}`);
      const place = await health.enter(candidate, command.kind === 'retry');
      const startedAtMs = clock.now();
      const entry: TraceAttempt = { attempt: attempts.length + 1, upstreamId: candidate.upstream.id, upstream: candidate.upstream.name, model: candidate.model, dialect: candidate.dialect, outcome: 'running', startedAt: startedAtMs, durationMs: 0, ...(command.kind === 'first' ? {} : { why: command.kind }) };
      if ('heldBack' in place) {
        attempts.push({ ...entry, outcome: 'held-back', detail: place.heldBack });
        soonestMs = Math.min(soonestMs ?? Infinity, place.waitMs);
        post({ kind: 'failed', call: command.call, outcome: 'held-back', waitMs: place.waitMs });
        return;
      }
      if (run.over) { place.ended(); health.saysNothing(candidate); return; }
      attempts.push(entry);
      const stop = new Stop();
      const open: OpenCall = {
        candidate, entry, stop, place, startedAtMs,
        left: () => { if (!stop.signal.aborted) stop.abort(new Stopped('left')); },
        end: () => { place.ended(); live.delete(open); atRest(); },
      };
      stop.signal.addEventListener('abort', open.end, { once: true });
      calls.set(command.call, open);
      live.add(open);
      try {
        open.account = ask.metered ? await at.accounts.open(candidate, entry.attempt) : undefined;
      } catch (cause) {
        open.end();
        health.saysNothing(candidate);
        const outcome = cause instanceof Fault && cause.code === 'upstream.over-quota' ? 'over-quota' : 'node';
        entry.outcome = outcome;
        entry.detail = cause instanceof Error ? cause.message : String(cause);
        if (!(cause instanceof Fault)) throw cause;
        if (outcome === 'node') fault = cause;
        else {
          entry.detail = cause.detail ?? cause.message;
          if ((cause.retryAfterMs ?? Infinity) <= (overQuota?.retryAfterMs ?? Infinity)) overQuota = cause;
        }
        post({ kind: 'failed', call: command.call, outcome });
        return;
      }
      if (open.account?.note !== undefined) entry.detail = open.account.note;
      const result = await call({ inbound, ask, candidate, repairs: command.repairs, alternatives: command.alternatives, stop: open.stop, onEnd: (end, reading) => ended(open, end, reading) }, parts);
      entry.durationMs = clock.now() - startedAtMs;
      if (result.losses.length > 0) entry.losses = result.losses; // a stream's list grows until it is over
      if (result.usedShare !== undefined) health.usedShare(candidate, result.usedShare);
      if (result.kind === 'served') serve(command.call, open, result);
      else fail(command.call, open, result);
    };

    const serve = (number: number, open: OpenCall, served: Served) => {
      if (run.over) { giveBack(open, served); return; }
      open.served = served;
      open.entry.outcome = 'ok';
      open.entry.status = served.status;
      open.entry.ttftMs = served.firstContentAtMs - open.startedAtMs;
      post({ kind: 'served', call: number });
    };

    /** Content came after another had been committed: it is stopped, and what it cost is booked. */
    const giveBack = (open: OpenCall, served: Served) => {
      open.stop.abort(new Stopped('hedge-lost'));
      if (!(served.body instanceof Uint8Array)) void served.body[Symbol.asyncIterator]().return?.();
      open.entry.outcome = signal.aborted ? 'client-left' : 'hedge-lost';
      health.saysNothing(open.candidate);
      open.account?.settle({ outcome: 'ABORTED', httpStatus: served.status, ...bookedFor(served.watch.reading(), open.candidate, ask) });
    };

    const fail = (number: number, open: OpenCall, failure: Failed) => {
      const { entry, candidate } = open;
      open.end();
      entry.outcome = failure.outcome;
      entry.detail = failure.detail;
      if (failure.status !== undefined) entry.status = failure.status;
      const aborted = failure.outcome === 'client-left' || failure.outcome === 'hedge-lost';
      open.account?.settle({ outcome: aborted ? 'ABORTED' : 'FAILED', reading: failure.reading ?? noReading, estimated: failure.estimated ?? false, ...(failure.status === undefined ? {} : { httpStatus: failure.status }) });
      if (!aborted) failures.push(failure);
      const said = failure.toAll ?? failure.outcome;
      if (consequences[said].maybePoison) suspended.push({ candidate, failure });
      else if (consequences[said].hurts === 'nobody') health.saysNothing(candidate);
      else health.speaksAgainst(candidate, said, failure.waitMs);
      if (failure.waitMs !== undefined) soonestMs = Math.min(soonestMs ?? Infinity, failure.waitMs);
      post({ kind: 'failed', call: number, outcome: failure.outcome, waitMs: failure.waitMs, repair: failure.repair });
    };

    /** The committed answer is over, and its client is still there. */
    const ended = (open: OpenCall, end: StreamEnd, reading: Reading | undefined) => {
      open.end();
      if (reading?.units) open.entry.units = reading.units;
      if (reading) health.cacheSeen(open.candidate, reading.input + reading.cacheRead + reading.cacheWrite5m + reading.cacheWrite1h, reading.cacheRead);
      if (end.outcome === 'FAILED' && open.served) health.speaksAgainst(open.candidate, 'broke-off', undefined);
    };

    if (signal.aborted) { post({ kind: 'left' }); return; }
    signal.addEventListener('abort', leave, { once: true });
    post({ kind: 'begin' });
  });
  return { decided, leave: () => leave() };
}

/** What a call that lost is charged: what it reported, and by most policies what it was sent. */
function bookedFor(reported: Reading | undefined, candidate: Candidate, ask: Ask): { reading: Reading; estimated: boolean } {
  if (reported) return { reading: reported, estimated: true };
  if (candidate.upstream.onAbort === 'REPORTED') return { reading: noReading, estimated: true };
  return { reading: { ...noReading, input: Math.ceil(ask.inputBytes / 4) }, estimated: true };
}
