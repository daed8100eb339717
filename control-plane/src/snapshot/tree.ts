// What is published, as references; and what of it a change replaces.
import { createHash } from 'node:crypto';
import type { PortableSql, Tx } from '@fairlead/prisma';
import { pagesOf, refsOfPage } from '@fairlead/shared/snapshot/bins.ts';
import { mostPieceBytes, readPage, writePage } from '@fairlead/shared/snapshot/page.ts';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import type { Section, SectionName } from '@fairlead/shared/snapshot/manifest.ts';

/** A section with all its references. */
export interface Branch { bits: number; pages: readonly string[]; refs: readonly (Ref | undefined)[] }

/** Takes pieces that nodes will fetch. */
export interface PieceWriter { put(bytes: Uint8Array): Promise<Ref>; flush(): Promise<void> }

const flushBytes = 1024 * 1024;

/** SHA-256 in hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Writes pieces in the publisher's transaction, some at once; those that are there already are needed again. */
export function openPieceWriter(tx: Tx, portable: PortableSql): PieceWriter {
  let pending = new Map<string, Uint8Array>();
  let pendingBytes = 0;
  const flush = async () => {
    const batch = pending;
    pending = new Map();
    pendingBytes = 0;
    if (batch.size === 0) return;
    const inserted = await portable.insertIgnore(tx, 'piece', ['sha256', 'body'], [...batch].map(([sha256, body]) => [sha256, body]));
    if (inserted < batch.size) await tx.piece.updateMany({ where: { sha256: { in: [...batch.keys()] } }, data: { releasedAt: null, releasedRevision: null } });
  };
  return {
    flush,
    async put(bytes) {
      if (bytes.length > mostPieceBytes) throw new RangeError(`A single thing that nodes must know has ${bytes.length} bytes; no piece may have more than ${mostPieceBytes}.`);
      const sha256 = hashOf(bytes);
      if (!pending.has(sha256)) {
        pending.set(sha256, bytes);
        pendingBytes += bytes.length;
        if (pendingBytes >= flushBytes || pending.size >= 400) await flush();
      }
      return { sha256, bytes: bytes.length };
    },
  };
}

/** Grows a section from references: pages that stay are taken from what is held. */
export async function writeBranch(section: SectionName, bits: number, refs: readonly (Ref | undefined)[], held: Branch | undefined, writer: PieceWriter): Promise<Branch> {
  const size = refsOfPage(bits);
  const pages: string[] = [];
  for (let page = 0; page < pagesOf(bits); page++) {
    const some = refs.slice(page * size, (page + 1) * size);
    const kept = held?.bits === bits && some.every((ref, at) => ref?.sha256 === held.refs[page * size + at]?.sha256) ? held.pages[page] : undefined;
    pages.push(kept ?? (await writer.put(writePage(section, page, some))).sha256);
  }
  return { bits, pages, refs };
}

/** The section with all its references, read from its pages; undefined when one of them is gone or damaged. */
export async function readBranch(tx: Tx, section: SectionName, { bits, pages }: Section): Promise<Branch | undefined> {
  const rows = new Map<string, Uint8Array>();
  for (let at = 0; at < pages.length; at += 200) for (const { sha256, body } of await tx.piece.findMany({ where: { sha256: { in: pages.slice(at, at + 200) } } })) rows.set(sha256, body);
  const refs: (Ref | undefined)[] = [];
  for (const [index, page] of pages.entries()) {
    const body = rows.get(page);
    if (!body || hashOf(body) !== page) return undefined;
    refs.push(...readPage(body, section, index, bits));
  }
  return { bits, pages, refs };
}

/** Hashes of what a branch holds and the next one does not. */
export function replaced(before: Branch, after: Branch): string[] {
  const stays = new Set([...after.pages, ...after.refs.map((ref) => ref?.sha256)]);
  return [...before.pages, ...before.refs.flatMap((ref) => (ref ? [ref.sha256] : []))].filter((sha256) => !stays.has(sha256));
}
