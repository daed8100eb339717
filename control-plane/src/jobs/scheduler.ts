import type { Domain } from '../domain/domain.ts';
import { describeError } from '../log.ts';
import { pruneEnded } from './prune.ts';
import { writeOffRevoked } from './write-off.ts';

const everyMs = 6 * 3_600_000;

/** Runs what must happen now and then, at the start and every six hours; every process may do so, for each job can be repeated. */
export function startJobs(domain: Domain): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const job = async (done: string, work: (domain: Domain) => Promise<number>) => {
    try {
      const count = await work(domain);
      if (count > 0) domain.log.info(done, { count });
    } catch (cause) {
      domain.log.warn('jobs.failed', describeError(cause));
    }
  };
  const run = () => {
    running = Promise.all([
      job('jobs.pruned', pruneEnded), job('jobs.leases-written-off', writeOffRevoked),
    ]);
  };
  run();
  const timer = setInterval(run, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
