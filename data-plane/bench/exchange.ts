// npm run bench:exchange: CPU of a node's own work for one exchange, without sockets: key, plan, budget, journal and metering on,
// an upstream in memory. One process; what admission adds is told apart by a key that no quota binds.
import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { newId } from '@fairlead/shared/id.ts';
import type { LeaseAsk } from '@fairlead/shared/lease/lease.ts';
import type { SnapshotKey } from '@fairlead/shared/snapshot/snapshot.ts';
import { systemClock } from '@fairlead/shared/time/clock.ts';
import { createCalleePurses } from '../src/admit/callee-purses.ts';
import { createLeaseKeeper } from '../src/admit/lease-keeper.ts';
import { createHealth } from '../src/attempt/health.ts';
import { createPresenter } from '../src/attempt/reach/authenticate.ts';
import type { UpstreamAnswer } from '../src/attempt/transport/transport.ts';
import { createGuessGuard } from '../src/authenticate/guess-guard.ts';
import { exchange } from '../src/exchange.ts';
import { resolveEndpoint } from '../src/http/endpoints.ts';
import { parseBody } from '../src/http/read-inbound.ts';
import { canPour } from '../src/journey/pouring.ts';
import type { Arrival } from '../src/journey/inbound.ts';
import { gather } from '../src/meter/gather.ts';
import { openJournal } from '../src/meter/journal.ts';
import type { Node } from '../src/node.ts';
import { createSessions } from '../src/plan/session/sessions.ts';
import { createReplay } from '../src/recall/replay.ts';
import { tableFrom } from '../src/snapshot/test-table.ts';
import { createMemoryBindings } from '../src/stores/memory/bindings.ts';
import { createMemoryCounters } from '../src/stores/memory/counters.ts';
import { createLonelyBoard } from '../src/stores/memory/rest-board.ts';
import { createMemoryTapes } from '../src/stores/memory/tapes.ts';
import { createLog } from '../src/telemetry/log.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { createTraceBuffer } from '../src/telemetry/trace.ts';

const { values: options } = parseArgs({ options: { requests: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '8' }, 'at-once': { type: 'string', default: '16' } } });
const folder = mkdtempSync(join(tmpdir(), 'exchange-'));
const clock = systemClock;
const log = createLog('error');
const bootId = newId('boot');
const model = 'claude-haiku-5-5';
const upstreamId = newId('upstream');
const plain = { status: 'ACTIVE', funding: 'TENANT_BUDGET', tenant: newId('tenant') } as const;
const keyOf = (text: string, more: Partial<SnapshotKey>) => ({ ...plain, id: newId('key'), digest: hash('sha256', text), leased: false, ...more });
const table = tableFrom({
  schema: 3, fleet: 'bench', revision: 7, issuedAt: 0, secretEpoch: 1, hardStaleSeconds: 0, publicUrl: 'http://localhost', tenants: [{ id: plain.tenant, status: 'ACTIVE' }], routes: [],
  keys: [keyOf('flk_bound', { leased: true, requestsPerMinute: 100_000_000 }), keyOf('flk_free', {})],
  models: [{ name: model, displayName: model, contextTokens: 200_000, maxOutputTokens: 64_000 }],
  prices: [{ id: newId('price'), model, inputNano: '100000000', outputNano: '500000000', cacheReadNano: '10000000', cacheWrite5mNano: '125000000', cacheWrite1hNano: '200000000' }],
  upstreams: [{ id: upstreamId, name: 'Bench', baseUrl: 'http://127.0.0.1:9', dialects: ['anthropic-messages'], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [{ id: newId('credential'), version: 1, priority: 0, weight: 1, sealed: 'x' }] }],
});

const said = Buffer.from(JSON.stringify({ id: 'msg_bench', type: 'message', role: 'assistant', model, content: [{ type: 'text', text: 'Hello there.' }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 12, output_tokens: 4 } }));
const answer: UpstreamAnswer = { status: 200, headers: { 'content-type': 'application/json', 'content-length': String(said.length) }, body: { async *[Symbol.asyncIterator]() { yield said; } } };
const transport = { call: () => Promise.resolve(answer), close: () => Promise.resolve() };
const secret = new Secret('sk-bench-0123456789');

const journal = openJournal(join(folder, 'journal'));
const gathered = gather(journal);
const counters = createMemoryCounters();
const traces = createTraceBuffer();
const settled = () => {
  const last = journal.pending[199];
  if (last) { journal.acknowledged(bootId, last.seq); traces.take(200); }
};
const source = {
  ask: ({ holderId, unit, bootId: boot, reqSeq, wantNano }: LeaseAsk) => Promise.resolve({ leaseId: newId('lease'), holderId, unit, bootId: boot, reqSeq, grantedNano: wantNano }),
  report: () => Promise.resolve([]),
};
const leases = createLeaseKeeper({ bootId, source, memory: journal, clock, recovered: [], complete: true });
let seq = 0;
const node: Node = {
  clock, log, metrics: createMetrics(), traces, inFlight: { count: 0 }, reporter: { nudge: () => undefined, flush: () => Promise.resolve() },
  keeper: { table: () => table, held: () => table, offer: () => Promise.resolve('not-newer'), etag: () => undefined, served: () => undefined, close: () => Promise.resolve(), ageMs: () => 0, nack: () => undefined },
  secrets: { epoch: () => 1, offerKeyring: () => Promise.resolve(), open: () => secret },
  replay: createReplay({ tapes: createMemoryTapes(clock), clock }), sessions: createSessions(createMemoryBindings(), clock),
  attempting: { transport, presenter: createPresenter({ transport, clock }), secrets: { epoch: () => 1, offerKeyring: () => Promise.resolve(), open: () => secret }, clock, health: createHealth({ clock, counters, board: createLonelyBoard(), roll: Math.random }), roll: Math.random, holdMs: 25_000 },
  authentication: { guard: createGuessGuard(clock), clock, refresh: () => Promise.resolve(table) }, admission: { leases, counters, clock, sessionOf: () => '' },
  accounts: { journal: gathered, callees: createCalleePurses({ leases, clock }), bootId, region: 'bench', clock, spoolMaxBytes: 256 * 1024 * 1024, nextSeq: () => ++seq, onSettled: settled },
};

const endpoint = resolveEndpoint('/v1/messages');
if (!endpoint) throw new Error('the catalog has no /v1/messages');
const body = Buffer.from(JSON.stringify({ model, max_tokens: 256, stream: false, messages: [{ role: 'user', content: 'Say hello.' }] }));
const query = new URLSearchParams();

async function one(key: string): Promise<void> {
  const receivedAtMs = clock.now();
  const signal = new AbortController().signal;
  const head: Omit<Arrival, 'read'> = { exchangeId: newId('exchange', receivedAtMs), endpoint: endpoint as Arrival['endpoint'], headers: new Map([['authorization', `Bearer ${key}`], ['content-type', 'application/json'], ['host', '127.0.0.1']]), query, receivedAtMs, address: '127.0.0.1', signal };
  const given = await exchange({ ...head, read: () => Promise.resolve({ ...head, body, ...parseBody(body) }) }, node);
  if (given.status !== 200) throw new Error(`answered ${given.status}`);
  if (given.body instanceof Uint8Array) return;
  if (canPour(given.body)) await given.body.pour(() => undefined);
  else for await (const _ of given.body);
}

/** CPU µs of one exchange. */
async function cost(key: string): Promise<number> {
  const requests = Number(options.requests);
  const before = process.cpuUsage();
  let begun = 0;
  const client = async () => { while (begun++ < requests) await one(key); };
  await Promise.all(Array.from({ length: Number(options['at-once']) }, client));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
}

const rows: Record<string, number[]> = { flk_bound: [], flk_free: [] };
try {
  for (const key of Object.keys(rows)) await cost(key); // compiled first
  for (let round = 0; round < Number(options.rounds); round++) for (const [key, costs] of Object.entries(rows)) costs.push(await cost(key));
} finally {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
}
const median = (of: readonly number[]) => [...of].sort((a, b) => a - b)[of.length >> 1] ?? 0;
const told = (of: readonly number[]) => `${median(of).toFixed(1)} µs (best ${Math.min(...of).toFixed(1)})`;
console.log(`CPU of one exchange, ${options['at-once']} at once, median of ${options.rounds} rounds: under a budget and a pace ${told(rows.flk_bound ?? [])}, without ${told(rows.flk_free ?? [])}`);
