import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** A road to Redis that a story may cut. */
export interface RedisRoad { url: string; /** Nobody gets through, and whoever was on it falls off. */ cut(): void; mend(): void; close(): Promise<void> }

/** Opens a port that leads to this Redis. */
export function openRedisRoad(target: string): Promise<RedisRoad> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((from) => {
    if (!whole) { from.destroy(); return; }
    const to = connect(Number(port || 6379), hostname);
    for (const [one, other] of [[from, to], [to, from]] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => { sockets.delete(one); other.destroy(); }).pipe(other);
    }
  });
  const drop = () => { for (const socket of sockets) socket.destroy(); };
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const at = server.address();
      const url = new URL(target);
      url.port = String(typeof at === 'object' && at ? at.port : 0);
      done({
        url: url.href.replace(/\/$/, ''),
        cut() { whole = false; drop(); },
        mend() { whole = true; },
        close: () => new Promise((closed) => { server.close(() => closed()); drop(); }),
      });
    });
  });
}
