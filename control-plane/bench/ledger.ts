// npm run bench:ledger: how long the console's queries take over millions of rows; with --ingest, how fast usage is booked. On every
// database that answers: one machine, best of several rounds, so ratios matter.
import { parseArgs } from 'node:util';
import { openDatabase } from '@fairlead/prisma';
import { openTestPlane } from '../src/testing/test-plane.ts';
import { benchIngest } from './ingest.ts';
import { timeReads } from './reads.ts';
import { seedUsage } from './seed.ts';

const { values: options } = parseArgs({
  options: {
    ingest: { type: 'boolean', default: false }, labelled: { type: 'boolean', default: false }, only: { type: 'string', default: 'sqlite,postgresql,mariadb' },
    events: { type: 'string', default: '40000' }, batch: { type: 'string', default: '2000' }, nodes: { type: 'string', default: '4' }, keys: { type: 'string', default: '100' }, rounds: { type: 'string', default: '4' },
    rows: { type: 'string', default: '10000000' }, 'mariadb-rows': { type: 'string', default: '1000000' }, times: { type: 'string', default: '20' }, match: { type: 'string', default: '' },
  },
});

const bases: Record<string, string | undefined> = {
  sqlite: undefined,
  postgresql: process.env.FAIRLEAD_TEST_POSTGRES ?? 'postgresql://postgres@127.0.0.1:5432/postgres',
  mariadb: process.env.FAIRLEAD_TEST_MYSQL ?? 'mysql://root@127.0.0.1:3306/mysql',
};

for (const name of options.only.split(',')) {
  const base = bases[name];
  if (base !== undefined && !(await answers(base))) {
    console.log(`${name}: does not answer, left out`);
    continue;
  }
  const plane = await openTestPlane({ base });
  try {
    if (options.ingest) {
      const rounds = await benchIngest(plane, { events: Number(options.events), batch: Number(options.batch), nodes: Number(options.nodes), keys: Number(options.keys), rounds: Number(options.rounds), labelled: options.labelled });
      console.log(`${name}: ${rounds.map(({ perSecond }) => Math.round(perSecond).toLocaleString('en')).join(', ')} events/s (best first); ${Math.min(...rounds.map(({ cpuMicros }) => cpuMicros)).toFixed(0)} µs of this process's CPU an event`);
    } else {
      const rows = Number(name === 'mariadb' ? options['mariadb-rows'] : options.rows);
      const began = performance.now();
      const seeded = await seedUsage(plane, rows);
      console.log(`${name}: ${rows.toLocaleString('en')} exchanges and charges seeded in ${((performance.now() - began) / 1000).toFixed(0)} s`);
      for await (const { name: query, medianMs, p95Ms } of timeReads(plane, seeded, Number(options.times), new RegExp(options.match))) console.log(`  ${p95Ms > 300 ? '✗' : '✓'} ${query}: median ${medianMs.toFixed(0)} ms, p95 ${p95Ms.toFixed(0)} ms`);
    }
  } finally {
    await plane.close();
  }
}

async function answers(base: string): Promise<boolean> {
  try {
    await (await openDatabase(base)).close();
    return true;
  } catch {
    return false;
  }
}
