// npm run bench: direct, a bare floor, this node with keys, plan, budget and metering on, and peers. One run, ratios matter.
import { chatBody, messagesBody, readOptions } from './cells.ts';
import { measureInTurns } from './load.ts';
import type { Measured } from './load.ts';
import { startPeers } from './peers.ts';
import { measureStreams } from './streams.ts';
import type { StreamCost } from './streams.ts';
import { startFloor, startMock, startNode } from './targets.ts';
import type { Target } from './targets.ts';

const options = readOptions(process.argv.slice(2));
const mock = await startMock();
const targets: Target[] = [mock, await startFloor(mock.url), await startFloor(mock.url, true)];
const profiled = options.profile === undefined ? {} : { nodeEnv: { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profile}` } };
targets.push(await startNode(mock.url, 'this node on Node', profiled));
// Only what its clients speak differs, so that a conversion is what is measured.
if (options.converted) targets.push({ ...await startNode(mock.url, 'this node, converted'), chat: true, path: '/v1/chat/completions' });
if (options.deno) targets.push(await startNode(mock.url, 'this node on Deno', { runtime: 'deno' }));

const { peers, absent } = options.peers ? await startPeers(mock.url) : { peers: [], absent: [] };
targets.push(...peers);

const costs: StreamCost[] = [];
const rows: { cell: string; connections: number; name: string; m: Measured }[] = [];
try {
  for (const cell of options.cells) {
    for (const connections of options.connections) {
      process.stderr.write(`${cell.name}, ${connections} connection(s), ${targets.map(({ name }) => name).join(', ')} …\n`);
      const measured = await measureInTurns(targets.map(({ url, path, headers, model, pid, chat }) => ({ url, ...(path === undefined ? {} : { path }), body: chat ? chatBody(cell, model) : messagesBody(cell, model), connections, warmUpMs: 3_000, measureMs: options.seconds * 1000, pid, headers: { 'content-type': 'application/json', ...headers } })));
      measured.forEach((m, at) => rows.push({ cell: cell.name, connections, name: targets[at]?.name ?? '', m }));
    }
  }
  for (const target of options.streams > 0 ? targets.filter((target) => target.pid !== undefined && !target.chat && !peers.includes(target)) : []) {
    process.stderr.write(`${options.streams} open streams, ${target.name} …\n`);
    costs.push(await measureStreams(target, options.streams));
  }
} finally {
  for (const target of [...targets].reverse()) await target.close();
}

console.log(`Node ${process.versions.node}; ${options.seconds} s a cell after 25,000 requests or 12 s of warm-up, 3 s at least; closed loop; keys, plan, budget lease and metering on.\n`);
console.log('| body | conn. | target | CPU µs/req | × floor | first byte p50 µs | p99 µs | req/s | RSS MB | errors |');
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const { cell, connections, name, m } of rows) {
  const base = rows.find((row) => row.cell === cell && row.connections === connections && row.name.startsWith('floor ('))?.m.cpuUs ?? 0;
  const cpu = name === 'direct' ? '–' : String(m.cpuUs);
  console.log(`| ${cell} | ${connections} | ${name} | ${cpu} | ${name === 'direct' || base === 0 ? '–' : (m.cpuUs / base).toFixed(2)} | ${m.firstByteP50Us} | ${m.firstByteP99Us} | ${m.rps} | ${name === 'direct' ? '–' : m.rssMb} | ${m.errors} |`);
}
if (costs.length > 0) {
  console.log('\n| open streams | target | opened | RSS before MB | RSS with MB | KB each |');
  console.log('|---|---|---|---|---|---|');
  for (const { name, open, beforeMb, withMb, kbEach } of costs) console.log(`| ${options.streams} | ${name} | ${open} | ${beforeMb} | ${withMb} | ${kbEach} |`);
}
for (const { name, why } of absent) console.log(`\nNot measured: ${name}: ${why}`);
