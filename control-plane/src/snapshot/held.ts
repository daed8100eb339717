import type { Tx } from '@fairlead/prisma';
import { listNames, readManifest, sectionNames } from '@fairlead/shared/snapshot/manifest.ts';
import type { Manifest, SectionName } from '@fairlead/shared/snapshot/manifest.ts';
import { readPart } from '@fairlead/shared/snapshot/list-part.ts';
import { readLists } from '@fairlead/shared/snapshot/read-snapshot.ts';
import { openEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import { mostManifestBytes } from '@fairlead/shared/snapshot/head.ts';
import { trustedBy } from '@fairlead/shared/snapshot/root.ts';
import type { Root } from '@fairlead/shared/snapshot/root.ts';
import type { SnapshotLists } from '@fairlead/shared/snapshot/snapshot.ts';
import { hashOf, readBranch } from './tree.ts';
import type { Branch } from './tree.ts';

/** What was published last: its manifest, every reference, and its lists. */
export interface Held { sha256: string; manifest: Manifest; branches: Readonly<Record<SectionName, Branch>>; lists: SnapshotLists }

/** Reads what was published last from its pieces; undefined when they are not whole, or signed by nobody that these roots name: all is then made anew. */
export async function readHeld(tx: Tx, sha256: string, roots: readonly Root[]): Promise<Held | undefined> {
  try {
    const row = await tx.piece.findUnique({ where: { sha256 } });
    if (!row || hashOf(row.body) !== sha256) return undefined;
    const keys = roots.flatMap((root) => trustedBy(root, 'manifest').keys);
    const manifest = readManifest(await openEnvelope('fairlead/manifest/1', row.body, { keys, threshold: 1 }, mostManifestBytes));
    const branches = new Map<SectionName, Branch>();
    for (const name of sectionNames) {
      const branch = await readBranch(tx, name, manifest.sections[name]);
      if (!branch) return undefined;
      branches.set(name, branch);
    }
    const lists: Record<string, unknown[]> = {};
    for (const name of listNames) {
      const refs = branches.get(name)?.refs ?? [];
      const bodies = new Map<string, Uint8Array>();
      const wanted = refs.flatMap((ref) => (ref ? [ref.sha256] : []));
      for (let at = 0; at < wanted.length; at += 100) for (const piece of await tx.piece.findMany({ where: { sha256: { in: wanted.slice(at, at + 100) } } })) bodies.set(piece.sha256, piece.body);
      const items: unknown[] = [];
      for (const [index, ref] of refs.entries()) {
        const body = ref && bodies.get(ref.sha256);
        if (!ref) continue;
        if (!body || hashOf(body) !== ref.sha256) return undefined;
        items.push(...readPart(body, name, index));
      }
      lists[name] = items;
    }
    return { sha256, manifest, branches: Object.fromEntries(branches) as Record<SectionName, Branch>, lists: readLists(lists) };
  } catch {
    // A damaged row must not stop publishing: the next revision replaces it.
    return undefined;
  }
}
