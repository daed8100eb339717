// The least a proxy can do on Node: node:http in, one undici pool out, bytes piped. No keys, no plan, no money.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(process.env.BENCH_UPSTREAM ?? '', { connections: 256 });
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (bytes: Buffer) => chunks.push(bytes));
  request.on('end', () => {
    pool.stream({ path: request.url ?? '/', method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.concat(chunks) }, ({ statusCode, headers }) => {
      response.writeHead(statusCode, { 'content-type': String(headers['content-type']) });
      return response;
    }).catch(() => response.destroy());
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const at = server.address();
  process.stdout.write(`${JSON.stringify({ ready: true, port: typeof at === 'object' && at ? at.port : 0 })}\n`);
});
process.on('SIGTERM', () => process.exit(0));
