import type { Hono } from 'hono';
import { classifyHost } from '@fairlead/shared/egress/address.ts';
import { newId } from '@fairlead/shared/id.ts';
import { createLoanBook } from '@fairlead/shared/lease/loan.ts';
import type { LeaseDenial, LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import { leaseReport, leaseRequest } from '@fairlead/shared/node-api/operations.ts';
import type { LeaseReportPayload, LeaseRequestPayload } from '@fairlead/shared/node-api/operations.ts';
import { build } from '@fairlead/shared/node-api/version.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { createCalleePurses } from './admit/callee-purses.ts';
import { createBorrowing } from './admit/borrowing.ts';
import { createLeaseKeeper, Unreached } from './admit/lease-keeper.ts';
import type { LeaseSource } from './admit/lease-keeper.ts';
import { openLending } from './admit/lending.ts';
import { openNeighbours } from './admit/neighbours.ts';
import { createHealth } from './attempt/health.ts';
import { createPresenter } from './attempt/reach/authenticate.ts';
import { createUndiciTransport } from './attempt/transport/undici.ts';
import { createGuessGuard } from './authenticate/guess-guard.ts';
import { openHome } from './home/home.ts';
import { createReplay } from './recall/replay.ts';
import { createApp } from './http/app.ts';
import { createAddressReader } from './http/client-address.ts';
import type { Connect } from './http/connection.ts';
import { createNodeDoor } from './http/door-node.ts';
import type { NodeDoor } from './http/door-node.ts';
import { settleCrashed } from './meter/accounts.ts';
import { gather } from './meter/gather.ts';
import { startReporter } from './meter/report.ts';
import type { Node } from './node.ts';
import { beginningOf } from './plan/session/fingerprint.ts';
import { createSessions } from './plan/session/sessions.ts';
import type { Settings } from './settings.ts';
import { callOpenly, ControlFailed, openControlLink } from './snapshot/control-link.ts';
import type { ControlLink } from './snapshot/control-link.ts';
import { follow } from './snapshot/follow.ts';
import { enrol, EnrolmentFailed } from './snapshot/identity.ts';
import { openKeeper } from './snapshot/keeper.ts';
import { openSecrets } from './snapshot/secrets.ts';
import { openTrust } from './snapshot/trust.ts';
import { openStores } from './stores/open-stores.ts';
import { createLog, errorText } from './telemetry/log.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { createTraceBuffer } from './telemetry/trace.ts';

/** A composed node: its door and its end. */
export interface Composed {
  app: Hono;
  /** The short way in that a Node server tries before `app`. */
  door: NodeDoor;
  nodeId: string;
  log: Node['log'];
  /** Kept when another process has this node's home: this one must end. */
  taken: Promise<Error>;
  /** Resolves when no exchange is in flight, or after `mostMs`. */
  drained(mostMs: number, hurry?: AbortSignal): Promise<void>;
  /** Hands in what is settled, gives leases back and closes every part. */
  close(): Promise<void>;
}

const leaseTickMs = 500;
/** Where heartbeats are not taken for so long, leases are reported without. */
const knownMostMs = 10_000;
const closeMs = 8_000;
/** A neighbour whose request goes on keeps its loan. */
const recallMs = 2_000;

/** Builds every part once, enrols when there is no identity yet, and starts from its home whether or not the control plane is there. */
export async function compose(settings: Settings, runtime: { name: string; connect: Connect }, clock: Clock): Promise<Composed> {
  const log = createLog(settings.logLevel);
  const stop = new AbortController();
  const home = await openHome({ settings, compactAtBytes: Math.min(16 * 1024 * 1024, settings.spoolMaxBytes / 4), clock, log });
  const { bootId, journal, shelf } = home;
  const identity = home.identity ?? (await joinFleet());

  function joinFleet() {
    if (!settings.nodeToken) throw new EnrolmentFailed('This node belongs to no fleet yet. Set FAIRLEAD_NODE_TOKEN to a node token (console → Nodes, or: npm run -s fairlead -- nodes token).');
    return enrol({ token: settings.nodeToken, name: settings.name, runtime: runtime.name, build, keep: home.keepIdentity }, (url, query, input) => callOpenly(settings.controlUrl ?? url, query, input, stop.signal));
  }

  const gathered = gather(journal);
  let seq = 0;
  const nextSeq = () => ++seq;
  const metrics = createMetrics();
  const traces = createTraceBuffer();
  if (!journal.whole) log.error('journal.damaged', { what: 'Records were lost. What this node held at that time stays reserved until it is written off.' });
  const crashed = await settleCrashed({ journal, bootId, clock, nextSeq });
  if (crashed > 0) log.warn('journal.recovered', { crashed });

  const trust = await openTrust({ pin: identity.pin, fleet: identity.fleet, shelf, log });
  const secrets = await openSecrets(identity, shelf, trust);
  const keeper = await openKeeper({ shelf, trust, fleet: identity.fleet, clock, log, onApplied: () => metrics.count('fairlead_snapshots_applied_total') });
  const link = await openControlLink(identity, settings.controlUrl ?? identity.controlUrl, () => clock.now());
  const reporter = startReporter({ journal, traces, link, identity, bootId, clock, log, signal: stop.signal });
  const spool = () => ({ events: journal.pending.length, bytes: journal.sizeBytes, oldestMs: journal.pending[0] ? clock.now() - journal.pending[0].endedAt : 0, refusing: journal.sizeBytes > settings.spoolMaxBytes });
  const held = Map.groupBy(journal.leases.values(), ({ grant }) => (grant.loan === undefined ? 'own' : 'borrowed'));
  const speaks = settings.lends || held.has('borrowed') || journal.loans.size > 0;
  const stores = await openStores({ redisUrl: settings.redisUrl, postOf: speaks ? identity : undefined, clock, log });
  const health = createHealth({ clock, counters: stores.counters, board: stores.board, roll: Math.random });
  const replay = createReplay({ tapes: stores.tapes, clock });
  const neighbours = stores.post && openNeighbours({ nodeId: identity.nodeId, post: stores.post, keys: secrets, clock });
  const borrowing = neighbours && createBorrowing({ bootId, neighbours, memory: journal, clock, recovered: held.get('borrowed') ?? [], complete: journal.whole, borrows: settings.lends });
  const leases = createLeaseKeeper({ bootId, source: leaseSource(link), memory: journal, clock, recovered: held.get('own') ?? [], closed: journal.closed.values(), complete: journal.whole, borrowing });
  // Also where nothing is lent any more: what neighbours still have of a slice stays reserved.
  const book = createLoanBook({ lenderId: identity.nodeId, holdings: leases.slices, memory: journal, recovered: journal.loans.values(), closed: journal.closedLoans.values(), now: () => clock.now(), newLoanId: () => newId('loan', clock.now()) });
  const lending = neighbours && openLending({ book, slices: leases.slices, neighbours, clock, log, lends: settings.lends, onLent: () => metrics.count('fairlead_loans_total') });
  const following = follow({
    link, keeper, secrets, clock, log, signal: stop.signal, onLost: () => leases.lost(), onClosedLease: (leaseId, known) => leases.heardOf(leaseId, known), onShutOut: (nodeIds) => lending?.writeOff(nodeIds),
    status() {
      const closedLeaseId = leases.lastClosed();
      const borrowerIds = lending?.borrowerIds() ?? [];
      return { bootId, runtime: runtime.name, build, spool: spool(), health: health.report(), ...(closedLeaseId === undefined ? {} : { closedLeaseId }), ...(borrowerIds.length > 0 ? { borrowerIds } : {}) };
    },
  });

  const transport = createUndiciTransport({ loopbackForOperator: classifyHost(settings.host) === 'loopback', allowed: settings.egressAllow });
  metrics.gauge('fairlead_revision', () => keeper.held()?.revision ?? 0);
  metrics.gauge('fairlead_snapshot_age_seconds', () => Math.round(keeper.ageMs() / 1000));
  metrics.gauge('fairlead_spool_events', () => journal.pending.length);
  metrics.gauge('fairlead_spool_bytes', () => journal.sizeBytes);
  metrics.gauge('fairlead_breakers_open', () => health.report().upstreams.filter(({ state }) => state !== 'CLOSED').length);
  metrics.gauge('fairlead_leases', () => leases.held().leases);
  metrics.gauge('fairlead_loans_lent', () => lending?.lent().loans ?? 0);
  metrics.gauge('fairlead_loans_borrowed', () => borrowing?.held().loans ?? 0);

  const inFlight = { count: 0 };
  metrics.gauge('fairlead_exchanges_in_flight', () => inFlight.count);

  const node: Node = {
    clock, log, metrics, traces, keeper, secrets, reporter, inFlight, replay,
    sessions: createSessions(stores.bindings, clock),
    attempting: { transport, presenter: createPresenter({ transport, clock }), secrets, clock, health, roll: Math.random, holdMs: settings.holdMs },
    authentication: { guard: createGuessGuard(clock), clock, refresh: () => following.refresh() },
    admission: { leases, counters: stores.counters, clock, sessionOf: (ask, json) => ask.sessionId ?? beginningOf(ask.dialect, json) },
    accounts: { journal: gathered, callees: createCalleePurses({ leases, clock }), bootId, region: identity.region, clock, spoolMaxBytes: settings.spoolMaxBytes, nextSeq, onSettled() { reporter.nudge(); keeper.served(); } },
  };
  const serving = { maxBodyBytes: settings.maxBodyBytes, address: createAddressReader(settings.trustedProxies) };
  const app = createApp(node, { connect: runtime.connect, metricsToken: settings.metricsToken, ...serving });
  const door = createNodeDoor(node, serving);

  void (async () => {
    // A list of leases closes what earlier starts left behind only when the control plane knows of this start.
    await Promise.race([following.known, clock.sleep(knownMostMs, stop.signal).catch(() => undefined)]);
    while (!stop.signal.aborted) {
      if (!journal.mend()) log.error('journal.waiting', { why: 'its records are not taken' });
      await leases.report(AbortSignal.any([stop.signal, AbortSignal.timeout(5_000)])).catch((error: unknown) => { if (!stop.signal.aborted) log.debug('leases.waiting', { error: errorText(error) }); });
      await clock.sleep(leaseTickMs, stop.signal).catch(() => undefined);
    }
  })();
  if (neighbours) void (async () => {
    // Neighbours do not need the control plane for this.
    while (!stop.signal.aborted) {
      borrowing?.report();
      lending?.tick();
      await clock.sleep(leaseTickMs, stop.signal).catch(() => undefined);
    }
  })();
  if (journal.pending.length > 0) reporter.nudge();
  await following.started;

  return {
    app, door, nodeId: identity.nodeId, log, taken: home.taken,
    async drained(mostMs, hurry) {
      for (const until = clock.now() + mostMs; inFlight.count > 0 && clock.now() < until && !hurry?.aborted; ) await clock.sleep(20);
    },
    async close() {
      const limit = AbortSignal.timeout(closeMs);
      replay.close();
      await clock.sleep(50);
      await gathered.flush();
      // Usage first: a final lease report speaks of what has been settled.
      await reporter.flush(limit).catch((error: unknown) => log.warn('usage.kept', { error: errorText(error), events: journal.pending.length }));
      // What neighbours have is part of a slice that goes back.
      await Promise.all([borrowing?.release(), lending?.recall(AbortSignal.any([limit, AbortSignal.timeout(recallMs)]))]);
      await leases.release(limit).catch((error: unknown) => log.warn('leases.kept', { error: errorText(error) }));
      stop.abort(new Error('the node is stopping'));
      await keeper.close().catch((error: unknown) => log.warn('snapshot.not-closed', { error: errorText(error) }));
      await Promise.all([transport.close(), link.close(), stores.close()]);
      await journal.close();
      await home.release();
    },
  };
}

/** Whether the control plane itself has said no; what a proxy says in its place is no answer. */
function isRefused(cause: unknown): boolean {
  return cause instanceof ControlFailed && cause.status < 500;
}

function leaseSource(link: ControlLink): LeaseSource {
  return {
    async ask(ask, signal): Promise<LeaseGrant | LeaseDenial> {
      const { leaseRequest: answer } = await link.mutate<{ leaseRequest: LeaseRequestPayload }>(leaseRequest, ask, signal).catch((cause: unknown) => { throw isRefused(cause) ? cause : new Unreached('the control plane cannot be reached', { cause }); });
      if (answer.lease) {
        const { usableUntil, ...grant } = answer.lease;
        return usableUntil === null ? grant : { ...grant, usableUntil };
      }
      if (answer.denial) {
        const { resetsAt, ...denial } = answer.denial;
        return resetsAt === null ? denial : { ...denial, resetsAt };
      }
      throw new Error(`leaseRequest: ${answer.userErrors[0]?.message ?? 'no answer'}`);
    },
    async report(report, signal) {
      const { leaseReport: answer } = await link.mutate<{ leaseReport: LeaseReportPayload }>(leaseReport, report, signal);
      const problem = answer.userErrors[0];
      if (problem) throw new Error(`leaseReport: ${problem.message}`);
      return answer.closedLeaseIds;
    },
  };
}
