// npm run bench: direct, a bare floor, and this node with keys, plan, budget and metering on. One run, ratios matter.
import { createKey } from '../stack/reads.ts';
import { readyPort, startPart } from '../stack/process.ts';
import { openStack } from '../stack/stack.ts';
import { measure } from './load.ts';
import type { Measured } from './load.ts';

const seconds = Number(/--seconds[= ](\d+)/.exec(process.argv.join(' '))?.[1] ?? 4);
const withDeno = process.argv.includes('--deno');
const port = ({ output }: { output: string }) => readyPort(output);
const filler = 'The quick brown fox jumps over the lazy dog and writes some code. ';
const bodyOf = (bytes: number, stream: boolean) => JSON.stringify({ model: 'claude-haiku-5-5', max_tokens: 256, stream, messages: [{ role: 'user', content: bytes > 1000 ? filler.repeat(Math.ceil(bytes / filler.length)).slice(0, bytes) : 'Say hello.' }] });
const cells: [string, string][] = [['small', bodyOf(0, false)], ['100 KB', bodyOf(100_000, false)], ['100 KB + 200 events', bodyOf(100_000, true)]];

const mock = await startPart('mock', process.execPath, ['e2e/bench/mock.ts'], {}, { ready: port });
const mockUrl = `http://127.0.0.1:${mock.ready}`;
const floor = await startPart('floor', process.execPath, ['e2e/bench/floor.ts'], { BENCH_UPSTREAM: mockUrl }, { ready: port });
const stacks = await Promise.all([openStack({ practice: false }), ...(withDeno ? [openStack({ practice: false, runtime: 'deno' })] : [])]);
const targets: { name: string; url: string; headers: Record<string, string>; pid: number | undefined }[] = [
  { name: 'direct', url: mockUrl, headers: {}, pid: undefined },
  { name: 'floor (node:http + undici)', url: `http://127.0.0.1:${floor.ready}`, headers: {}, pid: floor.child.pid },
];
for (const [at, stack] of stacks.entries()) {
  await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', { input: { name: 'Bench', baseUrl: mockUrl, dialects: ['anthropic-messages'], auth: 'BEARER', secret: 'bench-secret' } });
  await stack.api.run('mutation ($input: PriceSetInput!) { priceSet(input: $input) { price { id } userErrors { message path } } }', { input: { modelName: 'claude-haiku-5-5', input: '0.10', output: '0.50' } });
  const { secret } = await createKey(stack.api, { budget: { limit: '100000', window: 'TOTAL' }, requestsPerMinute: 1_000_000 });
  targets.push({ name: at === 0 ? 'this node on Node' : 'this node on Deno', url: stack.node.url, headers: { authorization: `Bearer ${secret}` }, pid: stack.node.part.child.pid });
}

const rows: { cell: string; connections: number; name: string; m: Measured }[] = [];
try {
  for (const [cell, body] of cells) {
    for (const connections of [1, 16]) {
      for (const { name, url, headers, pid } of targets) {
        process.stderr.write(`${cell}, ${connections} connection(s), ${name} …\n`);
        rows.push({ cell, connections, name, m: await measure({ url, body, connections, warmUpMs: 1_000, measureMs: seconds * 1000, pid, headers: { 'content-type': 'application/json', ...headers } }) });
      }
    }
  }
} finally {
  await Promise.all([...stacks.map((stack) => stack.close()), mock.kill(), floor.kill()]);
}

console.log(`Node ${process.versions.node}; ${seconds} s a cell after 1 s of warm-up; closed loop; keys, plan, budget lease and metering on.\n`);
console.log('| body | conn. | target | CPU µs/req | × floor | first byte p50 µs | p99 µs | req/s | RSS MB | errors |');
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const { cell, connections, name, m } of rows) {
  const base = rows.find((row) => row.cell === cell && row.connections === connections && row.name.startsWith('floor'))?.m.cpuUs ?? 0;
  const cpu = name === 'direct' ? '–' : String(m.cpuUs);
  console.log(`| ${cell} | ${connections} | ${name} | ${cpu} | ${name === 'direct' || base === 0 ? '–' : (m.cpuUs / base).toFixed(2)} | ${m.firstByteP50Us} | ${m.firstByteP99Us} | ${m.rps} | ${name === 'direct' ? '–' : m.rssMb} | ${m.errors} |`);
}
