// npm run simulate:leases -- --histories N --seed S. Prints its figures last; ends with 1 when a promise did not hold.
import { runHistories } from './run.ts';
import { utilisation } from './utilisation.ts';

const asked = new Map<string, number>();
const words = process.argv.slice(2);
for (let at = 0; at < words.length; at += 2) {
  const [name = '', value = ''] = [words[at], words[at + 1]];
  if (!['--histories', '--seed'].includes(name) || !/^\d{1,9}$/.test(value)) {
    process.stderr.write(`Usage: npm run simulate:leases -- [--histories N] [--seed S], not "${name} ${value}".\n`);
    process.exit(2);
  }
  asked.set(name, Number(value));
}

const histories = asked.get('--histories') ?? 10_000;
const seed = asked.get('--seed') ?? 1;
const startedAt = Date.now();
const { failures, figures } = runHistories(seed, histories, {}, 20);
for (const { seed: at, what } of failures) process.stdout.write(`seed ${at}: ${what}\n`);
const fleet = 8;
const used = utilisation(seed, fleet);
const overspends = failures.filter(({ what }) => what.startsWith('overspend')).length;
process.stdout.write([
  `histories ${histories}, seed ${seed}, ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`,
  `messages ${figures.messages}, grants ${figures.grants}, refusals ${figures.denials}`,
  `crashes ${figures.crashes}, written off ${figures.writtenOff}, served uncovered ${figures.uncovered}, lent to neighbours ${figures.loans}, restores ${figures.restores} (which made the ledger forget grants of ${figures.forgottenNano})`,
  `spent ${figures.spentNano} of ${figures.limitNano}`,
  `lease utilisation without crashes ${(used.spent / 10).toFixed(2)} % at the first refusal, and ${(used.running / 10).toFixed(2)} % in requests that run (${fleet} nodes)`,
  `promises broken ${failures.length}`,
  `overspend ${overspends}`,
].map((line) => `${line}\n`).join(''));
process.exitCode = failures.length > 0 ? 1 : 0;
