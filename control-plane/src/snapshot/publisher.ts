import type { Database } from '@fairlead/prisma';
import { describeError } from '../log.ts';
import type { Log } from '../log.ts';
import type { Publishing } from '../domain/domain.ts';
import { liveWithinMs } from '../domain/nodes/live.ts';
import { nodeGroup } from '@fairlead/shared/snapshot/snapshot.ts';
import { regrowKeys } from './grow-keys.ts';
import { renewHead } from './head.ts';
import { publishSnapshot } from './publish.ts';
import type { Look, PublishParts } from './publish.ts';

/** The newest head as it is served. */
export interface Published { revision: number; issuedAtMs: number; body: Uint8Array }

/** The publisher of this process: gathers requests, tells those who wait for a revision, watches for other processes' revisions. */
export interface Publisher extends Publishing {
  newest(): Published | undefined;
  /** Resolves with the newest once it is above `revision`, or with what there is when the time is over. */
  waitAbove(revision: number, waitMs: number, signal?: AbortSignal): Promise<Published | undefined>;
  close(): Promise<void>;
}

const sweepMs = 60_000;
/** So many keys are read anew at each start; of more only those that changed, and the rest in turn. */
const fewKeys = 20_000;

async function isSmall(db: Database): Promise<boolean> {
  return (await db.client.key.findMany({ select: { id: true }, skip: fewKeys, take: 1, orderBy: { id: 'asc' } })).length === 0;
}

/** Opens the publisher: publishes what is left from before, then goes on watching. */
export async function openPublisher(parts: PublishParts, log: Log, options: { gatherMs?: number; watchMs?: number } = {}): Promise<Publisher> {
  const gatherMs = options.gatherMs ?? 20;
  let newest: Published | undefined;
  let next: Promise<number> | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const waiting = new Set<() => void>();
  const acknowledgers = new Set<() => void>();

  const memory: NonNullable<PublishParts['memory']> = {};
  let swept = 0;
  let sweptAtMs = parts.now();

  const load = async () => {
    const row = await parts.db.client.snapshotHead.findUnique({ where: { name: nodeGroup } });
    if (!row || (newest && newest.revision >= row.revision && newest.issuedAtMs >= row.issuedAt.getTime())) return;
    newest = { revision: row.revision, issuedAtMs: row.issuedAt.getTime(), body: row.body };
    for (const wake of waiting) wake();
  };
  const run = async (look: Look): Promise<number> => {
    const revision = await publishSnapshot({ ...parts, log, memory }, look);
    await load();
    return revision;
  };
  const publish = (): Promise<number> => {
    // Whoever asks before the run begins shares it: a hundred changes at once become one revision.
    next ??= (async () => {
      await pause(gatherMs);
      await running.catch(() => undefined);
      next = undefined;
      const run_ = run(sweepDue());
      running = run_;
      return run_;
    })();
    return next;
  };

  /** The keys of one page, each minute: a key that ended long ago goes, and nothing stays wrong. */
  const sweepDue = (): Look => {
    if (parts.now() - sweptAtMs < sweepMs) return {};
    sweptAtMs = parts.now();
    return { page: swept++ };
  };

  /** Bins become more or fewer beside the publishing; only taking them is done in turn. */
  const regrow = async () => {
    const held = memory.held;
    const regrown = held && (await regrowKeys(parts.db, held, parts.now()));
    if (!regrown) return;
    running = running.catch(() => undefined).then(() => run({ regrown }));
    await running;
    log.info('snapshot.regrown', { bins: 2 ** regrown.bits });
  };

  await run(await isSmall(parts.db) ? { everything: true } : {});
  // Other processes publish too, and a process that died left its marks behind.
  let watching: Promise<void> | undefined;
  const watch = setInterval(() => {
    // A slow look is not overtaken by the next one.
    watching ??= (async () => {
      if ((await parts.db.client.dirtyMark.count()) > 0 || parts.now() - sweptAtMs >= sweepMs) await publish();
      await renewHead(parts);
      await load();
      await regrow();
    })().catch((cause: unknown) => { log.warn('snapshot.watch-failed', describeError(cause)); }).finally(() => { watching = undefined; });
  }, options.watchMs ?? 1000);
  watch.unref();

  return {
    publish,
    newest: () => newest,
    acknowledged() { for (const wake of acknowledgers) wake(); },
    async waitAbove(revision, waitMs, signal) {
      if (!newest || newest.revision <= revision) await untilWoken(waiting, waitMs, signal, () => (newest?.revision ?? 0) > revision);
      return newest;
    },
    async waitForNodes(revision, deadlineMs, signal) {
      const until = Date.now() + deadlineMs;
      for (;;) {
        const late = await lateNodes(parts.db, revision, parts.now());
        const left = until - Date.now();
        if (late.length === 0 || left <= 0 || signal?.aborted) return late;
        // Heartbeats of this process wake us; those that reached another process are found by looking.
        await untilWoken(acknowledgers, Math.min(200, left), signal, () => false);
      }
    },
    async close() {
      clearInterval(watch);
      for (const wake of [...waiting, ...acknowledgers]) wake();
      // A query after the database was closed would open it again.
      await watching;
      await Promise.allSettled([next, running]);
    },
  };
}

async function lateNodes(db: Database, revision: number, nowMs: number): Promise<string[]> {
  const rows = await db.client.fleetNode.findMany({
    where: { status: 'ACTIVE', lastSeenAt: { gt: new Date(nowMs - liveWithinMs) }, appliedRevision: { lt: revision } },
    select: { name: true }, take: 20,
  });
  return rows.map((row) => row.name);
}

function untilWoken(set: Set<() => void>, waitMs: number, signal: AbortSignal | undefined, ready: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted || ready()) return resolve();
    const done = () => {
      clearTimeout(timer);
      set.delete(done);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    set.add(done);
    signal?.addEventListener('abort', done, { once: true });
  });
}

const pause = (ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms); });
