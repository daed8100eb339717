// The same floor with the duties that no gateway can leave out and still keep an account: it knows the key by its digest, reads
// the request once, writes what it reserves before the call and what it cost after it, and reports both, signed. It plans
// nothing, limits nothing and survives no failure: what a node costs beyond this is routing, budgets and recovery.
import { createPrivateKey, generateKeyPairSync, hash, sign } from 'node:crypto';
import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { serve } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { Pool } from 'undici';

const pool = new Pool(process.env.BENCH_UPSTREAM ?? '', { connections: 2_048 });
const key = createPrivateKey({ key: generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }), format: 'der', type: 'pkcs8' });
const folder = mkdtempSync(join(tmpdir(), 'books-'));
const book = openSync(join(folder, 'book.log'), 'a', 0o600);
const owners = new Map<string, { tenantId: string; keyId: string }>();
const usages: string[] = [];
const traces: string[] = [];
const batch = 200;

interface Entry { text: string; written?: () => void }
let entries: Entry[] = [];

/** Records of one turn go to the file together, each with its length and checksum. */
function write(entry: Entry): void {
  if (entries.push(entry) > 1) return;
  setImmediate(() => {
    const turn = entries;
    entries = [];
    writeSync(book, turn.map(({ text }) => `${text.length} ${crc32(text).toString(16)} ${text}\n`).join(''));
    for (const { written } of turn) written?.();
  });
}

async function report(): Promise<void> {
  for (const list of [usages, traces]) {
    if (list.length < batch) continue;
    const body = Buffer.from(`{"batch":[${list.splice(0).join(',')}]}`);
    const answer = await pool.request({ path: '/report', method: 'POST', headers: { 'content-type': 'application/json', signature: sign(null, body, key).toString('base64url') }, body });
    await answer.body.dump();
  }
}

const tokensOf = (text: string, word: string) => Number(new RegExp(`"${word}":(\\d+)`).exec(text)?.[1] ?? 0);
let number = 0;

/** Passes the answer on as it comes and books it at its end. */
function forward(path: string, body: Buffer, reserve: Record<string, unknown>, stream: boolean, outgoing: ServerResponse): Promise<void> {
  return new Promise((done) => {
    let last = '';
    let input = 0;
    const failed = () => { outgoing.destroy(); done(); };
    pool.dispatch({ path, method: 'POST', headers: { 'content-type': 'application/json' }, body }, {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status, headers) => { outgoing.writeHead(status, { 'content-type': String(headers['content-type']) }); },
      onResponseData: (_controller, bytes) => {
        outgoing.write(bytes);
        // Usage stands at the beginning and at the end of a stream.
        last = bytes.toString('latin1');
        input ||= tokensOf(last, 'input_tokens');
      },
      onResponseEnd: () => {
        const output = stream ? tokensOf(last, 'output_tokens') : (JSON.parse(last) as { usage: { output_tokens: number } }).usage.output_tokens;
        const costNano = (BigInt(input) * 100_000_000n + BigInt(output) * 500_000_000n + 999_999n) / 1_000_000n;
        const settled = JSON.stringify({ ...reserve, seq: number, endedAt: Date.now(), outcome: 'OK', httpStatus: 200, input, output, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano: String(costNano), excessNano: '0', estimated: false, unpriced: false });
        usages.push(settled);
        traces.push(JSON.stringify({ ...reserve, status: 200, outcome: 'OK', dialect: 'anthropic-messages', candidates: [{ upstreamId: 'ups_bench', upstream: 'Bench', model: 'claude-haiku-5-5', chosen: true, reason: 'first' }], attempts: [{ attempt: 1, upstreamId: 'ups_bench', upstream: 'Bench', model: 'claude-haiku-5-5', outcome: 'OK', status: 200, durationMs: 1 }] }));
        write({ text: settled, written: () => { outgoing.end(); done(); } });
        if (usages.length >= batch) report().catch(() => undefined);
      },
      onResponseError: failed,
    });
  });
}

const app = new Hono<{ Bindings: HttpBindings }>();
app.post('*', async (context) => {
  const { incoming, outgoing } = context.env;
  const digest = hash('sha256', incoming.headers.authorization ?? '', 'hex');
  let owner = owners.get(digest);
  if (!owner) owners.set(digest, owner = { tenantId: 'ten_01K0BENCH0BENCH0BENCH0BENC', keyId: 'key_01K0BENCH0BENCH0BENCH0BENC' });
  const chunks: Buffer[] = [];
  for await (const bytes of incoming) chunks.push(bytes);
  const body = Buffer.concat(chunks);
  const { model, stream, max_tokens: most } = JSON.parse(body.toString()) as { model: string; stream: boolean; max_tokens: number };
  const id = `01K0BENCH0BENCH0${String(number++).padStart(10, '0')}`;
  const reserve = { id: `uev_${id}`, exchangeId: `exc_${id}`, attempt: 1, ...owner, upstreamId: 'ups_01K0BENCH0BENCH0BENCH0BENC', credentialId: 'crd_01K0BENCH0BENCH0BENCH0BENC', modelAsked: model, modelUsed: model, region: 'local', startedAt: Date.now(), priceId: 'prc_01K0BENCH0BENCH0BENCH0BENC', reservedNano: String(BigInt(body.length + 1_024) * 100n + BigInt(most) * 500n), leaseId: 'lse_01K0BENCH0BENCH0BENCH0BENC', revision: 7 };
  await new Promise<void>((written) => { write({ text: JSON.stringify(reserve), written }); });
  await forward(incoming.url ?? '/', body, reserve, stream, outgoing);
  return RESPONSE_ALREADY_SENT;
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (at) => process.stdout.write(`${JSON.stringify({ ready: true, port: at.port })}\n`));
process.on('SIGTERM', () => { rmSync(folder, { recursive: true, force: true }); process.exit(0); });
