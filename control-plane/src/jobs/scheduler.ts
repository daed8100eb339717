import { refreshBalances } from '../domain/balances/refresh.ts';
import type { Domain } from '../domain/domain.ts';
import { priceUnpriced } from '../domain/prices/back-fill.ts';
import { describeError } from '../log.ts';
import { postUnposted } from './post-unposted.ts';
import { pruneEnded, pruneExchanges } from './prune.ts';
import { rewrapSecrets } from './rewrap.ts';
import { writeOffRevoked } from './write-off.ts';

const everyMs = 6 * 3_600_000;
const balancesEveryMs = 30_000;
const pricingMs = 60_000;

/** Runs what must happen now and then: balances when they are due, what was unpriced every minute, the rest at the start and every six hours. Every process may do so, for each job can be repeated. */
export function startJobs(domain: Domain, { keepExchangesDays }: { keepExchangesDays: number }): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const stopping = new AbortController();
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
      job('jobs.pruned', pruneEnded), job('jobs.exchanges-pruned', () => pruneExchanges(domain, { keepDays: keepExchangesDays }, stopping.signal)), job('jobs.charges-posted', () => postUnposted(domain, stopping.signal)), job('jobs.leases-written-off', writeOffRevoked), job('jobs.secrets-rewrapped', () => rewrapSecrets(domain, stopping.signal)),
    ]);
  };
  // What has a price now is charged soon, also when another process, or a price that was to come, brought it.
  let pricing: Promise<unknown> = Promise.resolve();
  const price = () => { pricing = pricing.then(() => job('jobs.unpriced-charged', (each) => priceUnpriced(each))); };
  run();
  price();
  const often = setInterval(price, pricingMs);
  often.unref();
  const timer = setInterval(run, everyMs);
  timer.unref();
  let reading: Promise<unknown> | undefined;
  const balances = setInterval(() => {
    reading ??= job('jobs.balances-read', () => refreshBalances(domain, stopping.signal)).finally(() => { reading = undefined; });
  }, balancesEveryMs);
  balances.unref();
  return {
    async stop() {
      clearInterval(timer);
      clearInterval(often);
      clearInterval(balances);
      stopping.abort(new Error('stopped'));
      await Promise.all([running, pricing, reading]);
    },
  };
}
