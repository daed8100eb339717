import type { Domain } from '../domain/domain.ts';
import { describeError } from '../log.ts';
import { pruneEnded } from './prune.ts';

const everyMs = 6 * 3_600_000;

/** Runs what must happen now and then, at the start and every six hours; every process may do so, for each job can be repeated. */
export function startJobs(domain: Domain): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const run = () => {
    running = pruneEnded(domain).then(
      (count) => { if (count > 0) domain.log.info('jobs.pruned', { count }); },
      (cause: unknown) => { domain.log.warn('jobs.failed', describeError(cause)); },
    );
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
