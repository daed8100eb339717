import { createServer, request } from 'node:http';
import { once } from 'node:events';

/** What went over the road. */
export interface Seen { path: string; status: number; bytes: number }

/** A road from nodes to the control plane on which a story counts, and may put other bytes in place of an answer's. */
export interface ControlRoad {
  url: string;
  seen: Seen[];
  /** Bytes in place of what comes from the control plane; undefined = as they are. */
  instead: (path: string, body: Buffer) => Buffer | undefined;
  close(): Promise<void>;
}

/** Opens a port that leads to this control plane. */
export async function openControlRoad(target: string): Promise<ControlRoad> {
  const { hostname, port } = new URL(target);
  const server = createServer((from, back) => {
    const path = from.url ?? '/';
    const to = request({ hostname, port, path, method: from.method, headers: from.headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => back.destroy()).on('end', () => {
        const body = Buffer.concat(chunks);
        const other = answer.statusCode === 200 ? road.instead(path, body) : undefined;
        road.seen.push({ path, status: answer.statusCode ?? 0, bytes: body.length });
        const { 'content-length': _, ...headers } = answer.headers;
        back.writeHead(answer.statusCode ?? 502, { ...headers, ...(answer.statusCode === 304 ? {} : { 'content-length': (other ?? body).length }) });
        back.end(other ?? body);
      });
    });
    to.on('error', () => back.destroy());
    back.on('close', () => to.destroy());
    from.pipe(to);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  const road: ControlRoad = {
    url: `http://127.0.0.1:${typeof at === 'object' && at ? at.port : 0}`, seen: [], instead: () => undefined,
    close: async () => { server.closeAllConnections(); server.close(); await once(server, 'close').catch(() => undefined); },
  };
  return road;
}
