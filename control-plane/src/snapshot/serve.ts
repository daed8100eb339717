import { rootPath } from '@fairlead/shared/node-api/snapshot-paths.ts';
import type { Domain } from '../domain/domain.ts';
import { isNodeHeader } from '../server/node-door.ts';
import type { NodeDoor } from '../server/node-door.ts';
import type { Publisher } from './publisher.ts';
import { hashOf } from './tree.ts';

const mostWaitSeconds = 60;
/** What its hash names never changes, whoever keeps it. */
const immutable = 'public, max-age=31536000, immutable';

/** Answers a node with the newest head; with `wait`, holds a node that knows its revision until there is a newer one. */
export async function serveHead(request: Request, { target, door, publisher, mayWait }: { target: string; door: NodeDoor; publisher: Publisher; /** False just after a start: a long poll that is answered too soon tells nodes of it. */ mayWait: boolean }): Promise<Response> {
  const header = request.headers.get('authorization') ?? undefined;
  if (!isNodeHeader(header)) return refusal('Only an enrolled node may read snapshots, with a signed request.');
  const entered = await door.enter({ header, method: 'GET', target, body: new Uint8Array() });
  if ('refused' in entered) return refusal(entered.refused);
  const waitSeconds = Math.min(Math.max(Number(new URL(request.url).searchParams.get('wait') ?? 0) || 0, 0), mostWaitSeconds);
  const [, heldRevision, heldIssuedAt] = /^"(\d+)\.(\d+)"$/.exec(request.headers.get('if-none-match') ?? '') ?? [];
  const held = Number(heldRevision ?? 0);
  const newest = publisher.newest();
  // A node may hold a higher revision than we do, after a restore; it decides itself whether to take ours.
  const found = held > 0 && newest?.revision === held && waitSeconds > 0 && mayWait ? await publisher.waitAbove(held, waitSeconds * 1000, request.signal) : newest;
  if (!found) return new Response('Nothing is published yet.\n', { status: 503, headers: { 'retry-after': '1' } });
  const headers = { etag: `"${found.revision}.${found.issuedAtMs}"`, 'cache-control': 'private, no-cache', 'content-type': 'application/json' };
  if (found.revision === held && String(found.issuedAtMs) === heldIssuedAt) return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(found.body), { headers });
}

/** Answers with the bytes of this hash. Who knows the hash was told it in a signed request, or by somebody who was. */
export async function servePiece(request: Request, domain: Domain, publisher: Publisher, sha256: string): Promise<Response> {
  const row = /^[0-9a-f]{64}$/.test(sha256) ? await domain.db.client.piece.findUnique({ where: { sha256 }, select: { body: true } }) : null;
  if (!row) return nothing('There is no such piece, or not any more.');
  if (hashOf(row.body) !== sha256) {
    domain.log.error('snapshot.piece-damaged', { sha256 });
    await domain.db.transaction(async (tx) => {
      await tx.piece.deleteMany({ where: { sha256 } });
      await tx.dirtyMark.create({ data: { kind: 'piece', objectId: sha256 } });
    });
    void publisher.publish().catch(() => undefined);
    return new Response('This piece is damaged and being made anew.\n', { status: 503, headers: { 'retry-after': '1' } });
  }
  const headers = { etag: `"${sha256}"`, 'cache-control': immutable, 'content-type': 'application/octet-stream' };
  return request.headers.get('if-none-match') === headers.etag ? new Response(null, { status: 304, headers }) : new Response(row.body, { headers });
}

/** Answers with a root, which is public. */
export async function serveRoot(domain: Domain, version: string): Promise<Response> {
  const row = /^[1-9]\d{0,8}$/.test(version) ? await domain.db.client.fleetRoot.findUnique({ where: { version: Number(version) } }) : null;
  if (!row) return nothing(`There is nothing at ${rootPath(Number(version))}.`);
  return new Response(row.body, { headers: { 'cache-control': immutable, 'content-type': 'application/json' } });
}

const nothing = (why: string) => new Response(`${why}\n`, { status: 404, headers: { 'cache-control': 'no-store' } });
const refusal = (message: string) => Response.json({ errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] }, { status: 401 });
