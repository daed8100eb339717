import { migrate, openDatabase } from '@fairlead/prisma';
import { systemClock } from '@fairlead/shared/time/clock.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { openFleet } from './crypto/fleet.ts';
import { openKek } from './crypto/kek-file.ts';
import { openKeyring } from './crypto/keyring.ts';
import { Broadcast } from './domain/broadcast.ts';
import type { Domain, Publishing } from './domain/domain.ts';
import { seed } from './domain/install/seed.ts';
import type { Seeded } from './domain/install/seed.ts';
import { startJobs } from './jobs/scheduler.ts';
import { openCaller } from './egress/caller.ts';
import type { Log } from './log.ts';
import { createApp } from './server/app.ts';
import { createPoints } from './server/points.ts';
import { openConsoleFiles } from './server/console-files.ts';
import { isLoopback } from './settings.ts';
import type { Settings } from './settings.ts';
import { openPublisher } from './snapshot/publisher.ts';
import type { Publisher } from './snapshot/publisher.ts';

/** What compose may be given instead of the machine's own. */
export interface ComposeOptions { log: Log; /** The port that is listened on, known only after binding. */ port: () => number; clock?: Clock; signal?: AbortSignal; publisher?: { gatherMs?: number; watchMs?: number } }

/** A running control plane without its socket. */
export interface ControlPlane { domain: Domain; publisher: Publisher; app: ReturnType<typeof createApp>; seeded: Seeded; close(): Promise<void> }

/** Builds every part once: migrate, open, seed, publish. */
export async function compose(settings: Settings, options: ComposeOptions): Promise<ControlPlane> {
  const { log } = options;
  const clock = options.clock ?? systemClock;
  const { kek, older } = await openKek(settings);
  const keyring = openKeyring(kek, older);
  const { applied } = await migrate(settings.databaseUrl, { ...(options.signal ? { signal: options.signal } : {}) });
  if (applied.length > 0) log.info('database.migrated', { applied });
  const db = await openDatabase(settings.databaseUrl);
  const caller = openCaller({ loopbackForOperator: isLoopback(settings), allowed: settings.egressAllow });
  try {
    const fleet = await openFleet(db, keyring, clock.now());
    // Commands publish through the publisher, which is opened only when there is something to publish.
    const late: { publisher?: Publisher } = {};
    const publishing: Publishing = {
      publish: () => opened(late.publisher).publish(), waitForNodes: (revision, deadlineMs, signal) => opened(late.publisher).waitForNodes(revision, deadlineMs, signal), acknowledged: () => opened(late.publisher).acknowledged(),
    };
    const publicUrl = () => settings.publicUrl ?? `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host === '0.0.0.0' ? '127.0.0.1' : settings.host}:${options.port()}`;
    const domain: Domain = {
      db, keyring, fleet, clock, startedAtMs: clock.now(), log, caller, publishing, exchanges: new Broadcast(),
      places: { publicUrl, nodeUrl: settings.nodeUrl, loopback: isLoopback(settings), practice: settings.practiceUrl !== undefined, egressAllow: settings.egressAllow },
    };
    const seeded = await seed(domain, settings.practiceUrl);
    const publisher = await openPublisher({ db, keyring, fleet, publicUrl, now: () => clock.now() }, log, options.publisher);
    late.publisher = publisher;
    const jobs = startJobs(domain, { keepExchangesDays: settings.keepExchangesDays });
    const consoleFiles = settings.consoleDir === undefined ? undefined : await openConsoleFiles(settings.consoleDir);
    const app = createApp({ domain, publisher, consoleFiles, trustedProxies: settings.trustedProxies, points: createPoints(domain, settings.apiPointsPerMinute) });
    return {
      domain, publisher, app, seeded,
      async close() {
        await jobs.stop();
        await publisher.close();
        await caller.close();
        await db.close();
      },
    };
  } catch (cause) {
    await caller.close();
    await db.close();
    throw cause;
  }
}

function opened(publisher: Publisher | undefined): Publisher {
  if (!publisher) throw new Error('Nothing can be published before the publisher is open.');
  return publisher;
}
