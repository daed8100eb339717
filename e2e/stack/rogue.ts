import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { root } from './process.ts';

/** A server that breaks HTTP itself, as no library would let it. The model that is asked for names the way. */
export interface Rogue { port: number; tlsPort: number; /** Whole requests read, by the way they asked for. */ hits: Map<string, number>; close(): Promise<void> }

/** Every way that the model's name can ask for. */
export const roguish = ['reset-in-head', 'closed-at-once', 'not-http', 'short-body', 'long-body', 'broken-chunk', 'huge-frame', 'loris', 'silent'] as const;

type Way = (typeof roguish)[number];

const head = (stream: boolean, ...more: string[]) => ['HTTP/1.1 200 OK', `content-type: ${stream ? 'text/event-stream' : 'application/json'}`, ...more, '', ''].join('\r\n');
const start = 'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}\n\n';

/** Does it on one connection. */
function misbehave(way: Way, stream: boolean, socket: Socket): void {
  switch (way) {
    case 'reset-in-head': socket.write('HTTP/1.1 200 OK\r\ncontent-ty', () => socket.resetAndDestroy()); return;
    case 'closed-at-once': socket.end(); return;
    case 'not-http': socket.end('SSH-2.0-OpenSSH_9.9\r\n'); return;
    case 'short-body': socket.end(`${head(stream, 'content-length: 5000')}${stream ? start : '{"type":"message",'}`); return;
    case 'long-body': socket.end(`${head(stream, 'content-length: 30')}${stream ? start : `{"type":"message","content":${'[]'.repeat(20)}`}`); return;
    case 'broken-chunk': socket.end(`${head(stream, 'transfer-encoding: chunked')}${stream ? `${start.length.toString(16)}\r\n${start}\r\n` : ''}zz\r\nnonsense\r\n`); return;
    case 'huge-frame': {
      socket.write(`${head(stream)}data: {"x":"`);
      const piece = Buffer.alloc(1024 * 1024, 'x');
      const more = () => { while (!socket.destroyed) if (!socket.write(piece)) return; };
      socket.on('drain', more);
      more();
      return;
    }
    case 'loris': {
      socket.write(`${head(stream)}data: {"x":"`);
      const timer = setInterval(() => socket.write('x'), 100);
      socket.once('close', () => clearInterval(timer));
      return;
    }
    case 'silent': return;
  }
}

/** Opens one, in the clear and with a certificate that nobody trusts. */
export async function openRogue(): Promise<Rogue> {
  const hits = new Map<string, number>();
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    let heard = '';
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1');
      const bodyAt = heard.indexOf('\r\n\r\n') + 4;
      if (bodyAt < 4 || heard.length < bodyAt + Number(/content-length: (\d+)/i.exec(heard)?.[1] ?? 0)) return;
      const way = roguish.find((name) => heard.includes(`"${name}"`)) ?? 'closed-at-once';
      hits.set(way, (hits.get(way) ?? 0) + 1);
      const stream = heard.includes('"stream":true');
      heard = '';
      misbehave(way, stream, socket);
    });
  };
  const certificate = (name: string) => readFileSync(join(root, 'e2e', 'fixtures', `nobodys.${name}.pem`));
  const plain = createServer(serve);
  const secure = createTlsServer({ key: certificate('key'), cert: certificate('cert') }, serve);
  secure.on('tlsClientError', () => undefined);
  const listen = (server: Server) => new Promise<number>((done, fail) => { server.once('error', fail); server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port)); });
  const [port, tlsPort] = [await listen(plain), await listen(secure)];
  return {
    port, tlsPort, hits,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([plain, secure].map((server) => new Promise((done) => server.close(done))));
    },
  };
}
