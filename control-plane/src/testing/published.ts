// What nodes are told, read as a node reads it: from the newest head, by hashes alone.
import { openEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import { mostHeadBytes, mostManifestBytes, readHead } from '@fairlead/shared/snapshot/head.ts';
import { checkShard, createProfiles, keyInShard, keysInShard } from '@fairlead/shared/snapshot/key-shard.ts';
import { compileStanding, standingKey } from '@fairlead/shared/snapshot/key-row.ts';
import { readPart } from '@fairlead/shared/snapshot/list-part.ts';
import { listNames, readManifest } from '@fairlead/shared/snapshot/manifest.ts';
import type { Manifest, SectionName } from '@fairlead/shared/snapshot/manifest.ts';
import { readPage } from '@fairlead/shared/snapshot/page.ts';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import { readLists } from '@fairlead/shared/snapshot/read-snapshot.ts';
import { trustedBy } from '@fairlead/shared/snapshot/root.ts';
import type { SnapshotKey, SnapshotLists } from '@fairlead/shared/snapshot/snapshot.ts';
import type { ControlPlane } from '../compose.ts';
import { readNewestRoot } from '../crypto/fleet.ts';
import { hashOf } from '../snapshot/tree.ts';

/** Everything that is published. */
export type PublishedState = Omit<Manifest, 'sections'> & SnapshotLists & { keys: SnapshotKey[]; /** Hashes of all its pieces, the manifest's among them. */ pieces: string[] };

/** Reads all of it, and checks it as a node would. */
export async function readPublished({ domain }: Pick<ControlPlane, 'domain'>): Promise<PublishedState> {
  const { client } = domain.db;
  const { root } = await readNewestRoot(client);
  const sealed = await client.snapshotHead.findFirstOrThrow();
  const head = readHead(await openEnvelope('fairlead/head/1', sealed.body, trustedBy(root, 'head'), mostHeadBytes));
  const pieces: string[] = [];
  const piece = async ({ sha256 }: Pick<Ref, 'sha256'>) => {
    const { body } = await client.piece.findUniqueOrThrow({ where: { sha256 } });
    if (hashOf(body) !== sha256) throw new Error(`The piece ${sha256} is damaged.`);
    pieces.push(sha256);
    return body;
  };
  const { sections, ...frame } = readManifest(await openEnvelope('fairlead/manifest/1', await piece(head.manifest), trustedBy(root, 'manifest'), mostManifestBytes));
  const parts = async (name: SectionName) => {
    const found: { index: number; bytes: Uint8Array }[] = [];
    let index = 0;
    for (const [page, sha256] of sections[name].pages.entries()) {
      for (const ref of readPage(await piece({ sha256 }), name, page, sections[name].bits)) {
        if (ref) found.push({ index, bytes: await piece(ref) });
        index += 1;
      }
    }
    return found;
  };
  const raw: Record<string, unknown[]> = {};
  for (const name of listNames) raw[name] = (await parts(name)).flatMap(({ index, bytes }) => readPart(bytes, name, index));
  const lists = readLists(raw);
  const standing = compileStanding(lists);
  const profiles = createProfiles();
  const tenants = new Set(lists.tenants.map(({ id }) => id));
  const keys: SnapshotKey[] = [];
  for (const { index, bytes } of await parts('keys')) {
    checkShard(bytes, index, sections.keys.bits, tenants, profiles);
    for (let place = 0; place < keysInShard(bytes); place++) keys.push(standingKey(keyInShard(bytes, place, profiles), standing));
  }
  return { ...frame, ...lists, keys, pieces };
}
