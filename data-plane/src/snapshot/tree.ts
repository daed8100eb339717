// What a revision is made of, on a node: every piece in its place, those of before reused.
import { listNames, sectionNames } from '@fairlead/shared/snapshot/manifest.ts';
import type { Manifest, SectionName } from '@fairlead/shared/snapshot/manifest.ts';
import { pageBytes, readPage, writePage } from '@fairlead/shared/snapshot/page.ts';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import { readPart } from '@fairlead/shared/snapshot/list-part.ts';
import { readLists } from '@fairlead/shared/snapshot/read-snapshot.ts';
import type { SnapshotLists } from '@fairlead/shared/snapshot/snapshot.ts';
import { refsOfPage } from '@fairlead/shared/snapshot/bins.ts';
import { OfferRefused } from './refused.ts';

/** A section with every reference and piece in its place. */
export interface Branch { bits: number; pages: readonly string[]; refs: readonly (Ref | undefined)[]; parts: readonly (Uint8Array | undefined)[] }

/** A whole revision. */
export interface Tree { manifest: Manifest; branches: Readonly<Record<SectionName, Branch>>; lists: SnapshotLists }

/** Gives pieces by their references; throws when one cannot be had. */
export type Obtain = (refs: readonly Ref[]) => Promise<ReadonlyMap<string, Uint8Array>>;

/** Puts a revision together; what `before` has in the same place is not asked for. */
export async function assemble(manifest: Manifest, before: Tree | undefined, obtain: Obtain): Promise<Tree> {
  const pagesOf = (name: SectionName) => manifest.sections[name].pages.map((sha256, index) => ({ name, index, ref: { sha256, bytes: pageBytes(name, index, manifest.sections[name].bits) } }));
  const isHeld = (name: SectionName, index: number) => {
    const held = before?.branches[name];
    return held !== undefined && held.bits === manifest.sections[name].bits && held.pages[index] === manifest.sections[name].pages[index];
  };
  const newPages = sectionNames.flatMap(pagesOf).filter(({ name, index }) => !isHeld(name, index));
  const pages = await obtain(newPages.map(({ ref }) => ref));
  const refsOf = new Map<SectionName, (Ref | undefined)[]>();
  const wanted: Ref[] = [];
  for (const name of sectionNames) {
    const section = manifest.sections[name];
    const held = before?.branches[name];
    const size = refsOfPage(section.bits);
    const refs: (Ref | undefined)[] = [];
    for (const [index, sha256] of section.pages.entries()) {
      if (held && isHeld(name, index)) { for (let at = 0; at < size; at++) refs.push(held.refs[index * size + at]); continue; }
      for (const ref of readPage(have(pages, sha256), name, index, section.bits)) {
        if (ref && held?.refs[refs.length]?.sha256 !== ref.sha256) wanted.push(ref);
        refs.push(ref);
      }
    }
    refsOf.set(name, refs);
  }
  const found = await obtain(wanted);
  const branches = {} as Record<SectionName, Branch>;
  for (const name of sectionNames) {
    const section = manifest.sections[name];
    const held = before?.branches[name];
    const isSame = held?.bits === section.bits && section.pages.every((_, index) => isHeld(name, index));
    const refs = refsOf.get(name) ?? [];
    branches[name] = held && isSame ? held : { ...section, refs, parts: refs.map((ref, at) => ref && (held?.refs[at]?.sha256 === ref.sha256 ? held.parts[at] : have(found, ref.sha256))) };
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
  return readLists(Object.fromEntries(listNames.map((name) => [name, before && before.branches[name] === branches[name] ? before.lists[name] : branches[name].parts.flatMap((part, index) => (part ? readPart(part, name, index) : []))])));
}

/** The hashes of everything in a tree beside its manifest. */
export function hashesOf(tree: Tree): Set<string> {
  const all = new Set<string>();
  for (const { pages, refs } of Object.values(tree.branches)) {
    for (const page of pages) all.add(page);
    for (const ref of refs) if (ref) all.add(ref.sha256);
  }
  return all;
}

/** All pieces of a tree beside its manifest. */
export function piecesOf(tree: Tree): Map<string, Uint8Array> {
  const all = new Map<string, Uint8Array>();
  for (const name of sectionNames) {
    const { bits, pages, refs, parts } = tree.branches[name];
    const size = refsOfPage(bits);
    for (const [index, page] of pages.entries()) all.set(page, writePage(name, index, refs.slice(index * size, (index + 1) * size)));
    for (const [index, ref] of refs.entries()) {
      const part = parts[index];
      if (ref && part) all.set(ref.sha256, part);
    }
  }
  return all;
}
