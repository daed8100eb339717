// npm run soak: a steady mixed load on one node for a while; fails when its memory grows faster than the limit.
import { Pool } from 'undici';
import { messagesBody, readOptions } from './cells.ts';
import { rssKb } from './load.ts';
import { startMock, startNode } from './targets.ts';
import type { Target } from './targets.ts';
import { connectMutants, openDice, sendMutant } from './mutants.ts';
import type { MutantCounts } from './mutants.ts';

const args = process.argv.slice(2);
const numberAfter = (name: string, otherwise: number) => { const at = args.indexOf(`--${name}`); return at < 0 ? otherwise : Number(args[at + 1]); };
const minutes = numberAfter('minutes', 30);
const limitPercentAnHour = numberAfter('limit', 1);
const perSecond = numberAfter('rate', 40);
const warmUpSeconds = numberAfter('warm-up', 60);
const sampleMs = 10_000;
const fuzzed = !args.includes('--no-fuzz');
/** Of so many requests one is a broken one. */
const mutantEvery = 4;

/** The least-squares slope of memory over time, in percent of its mean per hour. */
function slopePercentAnHour(samples: readonly { atMs: number; kb: number }[]): number {
  const n = samples.length;
  const meanAt = samples.reduce((sum, { atMs }) => sum + atMs, 0) / n;
  const meanKb = samples.reduce((sum, { kb }) => sum + kb, 0) / n;
  let above = 0;
  let below = 0;
  for (const { atMs, kb } of samples) { above += (atMs - meanAt) * (kb - meanKb); below += (atMs - meanAt) ** 2; }
  return below === 0 || meanKb === 0 ? 0 : (above / below / meanKb) * 3_600_000 * 100;
}

/** As many requests as the node bears, for a while: code is compiled, pools and the heap take their size in a minute instead of an hour. */
async function warmUp(target: Target): Promise<void> {
  const until = performance.now() + warmUpSeconds * 1_000;
  const pool = new Pool(target.url, { connections: 16 });
  const bodies = readOptions([]).cells.map((cell) => messagesBody(cell));
  await Promise.all(Array.from({ length: 16 }, async (_, line) => {
    for (let number = line; performance.now() < until; number++) {
      const answer = await pool.request({ path: '/v1/messages', method: 'POST', headers: { 'content-type': 'application/json', ...target.headers }, body: bodies[number % bodies.length] ?? '' });
      await answer.body.dump({ limit: 10_000_000 });
    }
  }));
  await pool.destroy();
}

/** Sends requests at a steady pace until the deadline, a client that leaves early among them; counts what was not answered. */
async function drive(target: Target, untilMs: number, mutants: MutantCounts): Promise<{ sent: number; failed: number }> {
  const dice = openDice(numberAfter('seed', 1));
  const key = (target.headers.authorization ?? '').slice('Bearer '.length);
  const pool = new Pool(target.url, { connections: 64 });
  const bodies = readOptions([]).cells.map((cell) => messagesBody(cell));
  const counts = { sent: 0, failed: 0 };
  const open = new Set<Promise<void>>();
  while (performance.now() < untilMs) {
    if (fuzzed && (counts.sent + mutants.sent) % mutantEvery === 0) {
      const one = sendMutant(target.url, key, dice, mutants);
      open.add(one);
      void one.finally(() => open.delete(one));
      await new Promise((done) => { setTimeout(done, 1_000 / perSecond); });
      continue;
    }
    const number = counts.sent++;
    const leaves = number % 20 === 19;
    const one = (async () => {
      try {
        const answer = await pool.request({ path: '/v1/messages', method: 'POST', headers: { 'content-type': 'application/json', ...target.headers }, body: bodies[number % bodies.length] ?? '' });
        if (leaves) { answer.body.on('error', () => undefined); answer.body.destroy(); return; }
        await answer.body.dump({ limit: 10_000_000 });
        if (answer.statusCode !== 200) counts.failed += 1;
      } catch {
        if (!leaves) counts.failed += 1;
      }
    })();
    open.add(one);
    void one.finally(() => open.delete(one));
    await new Promise((done) => { setTimeout(done, 1_000 / perSecond); });
  }
  await Promise.all(open);
  await pool.destroy();
  return counts;
}

const mock = await startMock();
const node = await startNode(mock.url, 'node', { practice: fuzzed });
if (fuzzed) await connectMutants(node.stack);
const mutants: MutantCounts = { sent: 0, answered: 0, refused: 0, failed: [] };
await warmUp(node);
const samples: { atMs: number; kb: number }[] = [];
const timer = setInterval(() => {
  samples.push({ atMs: performance.now(), kb: rssKb(node.pid) });
  if (samples.length % 6 === 0) process.stderr.write(`${samples.length / 6} min: ${Math.round((samples[samples.length - 1]?.kb ?? 0) / 1024)} MB\n`);
}, sampleMs);
const counts = await drive(node, performance.now() + minutes * 60_000, mutants);
clearInterval(timer);
await node.close();
await mock.close();

// The first third is still warm-up: what a load left behind goes, and broken requests take their ways for the first time.
const counted = samples.slice(Math.floor(samples.length / 3));
const slope = slopePercentAnHour(counted);
console.log(`${minutes} min at ${perSecond} requests a second: ${counts.sent} sent, ${counts.failed} failed; memory ${Math.round((counted[0]?.kb ?? 0) / 1024)} → ${Math.round((counted[counted.length - 1]?.kb ?? 0) / 1024)} MB, ${slope.toFixed(1)} % an hour over ${counted.length} samples (limit ${limitPercentAnHour} %).`);
if (fuzzed) console.log(`Broken requests: ${mutants.sent} sent, ${mutants.answered} answered, ${mutants.refused} refused, ${mutants.failed.length} without a right answer.`);
for (const wrong of mutants.failed.slice(0, 20)) console.log(`  ${wrong}`);
if (counted.length < 12) console.log('Too short to tell: at least three minutes are needed.');
process.exit(counted.length < 12 || slope > limitPercentAnHour || counts.failed > 0 || mutants.failed.length > 0 || (fuzzed && mutants.answered === 0) ? 1 : 0);
