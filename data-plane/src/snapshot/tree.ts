// What a revision is made of, on a node: every piece in its place. A page that has not changed is taken whole from the
// revision before, so that one changed key costs what one page costs, however many keys there are.
import { listNames, sectionNames } from '@fairlead/shared/snapshot/manifest.ts';
import type { Manifest, SectionName } from '@fairlead/shared/snapshot/manifest.ts';
import { pageBytes, readPage, writePage } from '@fairlead/shared/snapshot/page.ts';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import { readPart } from '@fairlead/shared/snapshot/list-part.ts';
import { readLists } from '@fairlead/shared/snapshot/read-snapshot.ts';
import type { SnapshotLists } from '@fairlead/shared/snapshot/snapshot.ts';
import { refsPerPage } from '@fairlead/shared/snapshot/bins.ts';
import { OfferRefused } from './refused.ts';

/** A page with what it refers to, each in its place. */
export interface Leaf { sha256: string; refs: readonly (Ref | undefined)[]; parts: readonly (Uint8Array | undefined)[] }

/** A section: its bins, page by page. */
export interface Branch { bits: number; leaves: readonly Leaf[] }

/** A whole revision. */
export interface Tree { manifest: Manifest; branches: Readonly<Record<SectionName, Branch>>; lists: SnapshotLists }

/** Gives pieces by their references; throws when one cannot be had. */
export type Obtain = (refs: readonly Ref[]) => Promise<ReadonlyMap<string, Uint8Array>>;

/** Puts a revision together; what `before` has in the same place is not asked for. */
export async function assemble(manifest: Manifest, before: Tree | undefined, obtain: Obtain): Promise<Tree> {
  const heldOf = (name: SectionName) => (before?.branches[name].bits === manifest.sections[name].bits ? before.branches[name].leaves : []);
  const fresh = sectionNames.flatMap((name) => {
    const held = heldOf(name);
    const { bits, pages } = manifest.sections[name];
    return pages.flatMap((sha256, index) => (held[index]?.sha256 === sha256 ? [] : [{ name, index, bits, sha256, held: held[index] }]));
  });
  const pages = await obtain(fresh.map(({ name, index, bits, sha256 }) => ({ sha256, bytes: pageBytes(name, index, bits) })));
  const read = fresh.map((page) => ({ ...page, refs: readPage(have(pages, page.sha256), page.name, page.index, page.bits) }));
  const found = await obtain(read.flatMap(({ refs, held }) => refs.flatMap((ref, at) => (ref && held?.refs[at]?.sha256 !== ref.sha256 ? [ref] : []))));
  const leaves = new Map(read.map(({ name, index, sha256, refs, held }): [string, Leaf] => [`${name} ${index}`, {
    sha256, refs, parts: refs.map((ref, at) => ref && (held?.refs[at]?.sha256 === ref.sha256 ? held.parts[at] : have(found, ref.sha256))),
  }]));
  const branches = {} as Record<SectionName, Branch>;
  for (const name of sectionNames) {
    const { bits, pages: names } = manifest.sections[name];
    const held = heldOf(name);
    const isSame = before !== undefined && held.length > 0 && names.every((sha256, index) => held[index]?.sha256 === sha256);
    branches[name] = isSame ? before.branches[name] : { bits, leaves: names.map((_, index) => leaves.get(`${name} ${index}`) ?? held[index] ?? { sha256: '', refs: [], parts: [] }) };
  }
  return { manifest, branches, lists: listsOf(branches, before) };
}

function have(pieces: ReadonlyMap<string, Uint8Array>, sha256: string): Uint8Array {
  const bytes = pieces.get(sha256);
  if (!bytes) throw new OfferRefused('gather', 'missing', 'A piece cannot be had.', sha256);
  return bytes;
}

/** The lists; one whose parts are those of before is the same object, and when all are, nothing is checked again. */
function listsOf(branches: Tree['branches'], before: Tree | undefined): SnapshotLists {
  if (before && listNames.every((name) => before.branches[name] === branches[name])) return before.lists;
  return readLists(Object.fromEntries(listNames.map((name) => {
    if (before && before.branches[name] === branches[name]) return [name, before.lists[name]];
    return [name, branches[name].leaves.flatMap(({ parts }, page) => parts.flatMap((part, at) => (part ? readPart(part, name, page * refsPerPage + at) : [])))];
  })));
}

/** The hashes of everything in a tree beside its manifest. */
export function hashesOf(tree: Tree): Set<string> {
  const all = new Set<string>();
  for (const { leaves } of Object.values(tree.branches)) {
    for (const { sha256, refs } of leaves) {
      all.add(sha256);
      for (const ref of refs) if (ref) all.add(ref.sha256);
    }
  }
  return all;
}

/** All pieces of a tree beside its manifest. */
export function piecesOf(tree: Tree): Map<string, Uint8Array> {
  const all = new Map<string, Uint8Array>();
  for (const name of sectionNames) {
    for (const [page, { sha256, refs, parts }] of tree.branches[name].leaves.entries()) {
      all.set(sha256, writePage(name, page, refs));
      for (const [at, ref] of refs.entries()) {
        const part = parts[at];
        if (ref && part) all.set(ref.sha256, part);
      }
    }
  }
  return all;
}
