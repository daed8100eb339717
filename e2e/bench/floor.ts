// The least a gateway of our parts can do on Node: Hono in, one undici pool streaming into the raw response. No keys, no plan, no money.
import { serve } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { Pool } from 'undici';

const pool = new Pool(process.env.BENCH_UPSTREAM ?? '', { connections: 2_048 });
const app = new Hono<{ Bindings: HttpBindings }>();
app.post('*', async (context) => {
  const { incoming, outgoing } = context.env;
  const chunks: Buffer[] = [];
  for await (const bytes of incoming) chunks.push(bytes);
  await pool.stream({ path: incoming.url ?? '/', method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.concat(chunks) }, ({ statusCode, headers }) => {
    outgoing.writeHead(statusCode, { 'content-type': String(headers['content-type']) });
    return outgoing;
  }).catch(() => outgoing.destroy());
  return RESPONSE_ALREADY_SENT;
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (at) => process.stdout.write(`${JSON.stringify({ ready: true, port: at.port })}\n`));
process.on('SIGTERM', () => process.exit(0));
