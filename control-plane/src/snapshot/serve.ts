import { isNodeHeader } from '../server/node-door.ts';
import type { NodeDoor } from '../server/node-door.ts';
import type { Publisher } from './publisher.ts';

const mostWaitSeconds = 60;

/** Answers a node with the newest snapshot; with `wait`, holds a node that has it already until there is a newer one. */
export async function serveSnapshot(request: Request, { target, door, publisher, mayWait }: { target: string; door: NodeDoor; publisher: Publisher; /** False just after a start: a long poll that is answered too soon tells nodes of it. */ mayWait: boolean }): Promise<Response> {
  const header = request.headers.get('authorization') ?? undefined;
  if (!isNodeHeader(header)) return refusal('Only an enrolled node may read snapshots, with a signed request.');
  const entered = await door.enter({ header, method: 'GET', target, body: new Uint8Array() });
  if ('refused' in entered) return refusal(entered.refused);
  const url = new URL(request.url);
  const waitSeconds = Math.min(Math.max(Number(url.searchParams.get('wait') ?? 0) || 0, 0), mostWaitSeconds);
  const held = Number(/^"(\d+)"$/.exec(request.headers.get('if-none-match') ?? '')?.[1] ?? 0);
  const newest = publisher.newest();
  // A node may hold a higher revision than we do, after a restore; it decides itself whether to take ours.
  const found = held > 0 && newest?.revision === held && waitSeconds > 0 && mayWait ? await publisher.waitAbove(held, waitSeconds * 1000, request.signal) : newest;
  if (!found) return new Response('Nothing is published yet.\n', { status: 503, headers: { 'retry-after': '1' } });
  const headers = { etag: `"${found.revision}"`, 'cache-control': 'private, no-cache', 'content-type': 'application/json' };
  if (found.revision === held) return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(found.body), { headers });
}

const refusal = (message: string) => Response.json({ errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] }, { status: 401 });
