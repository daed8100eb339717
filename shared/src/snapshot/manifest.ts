// Pure. The manifest: what one revision is made of.
import { fromBase64url, toBase64url, toHex } from '../crypto/base64url.ts';
import { pagesOf } from './bins.ts';
import { canonicalBytes } from './canonical.ts';
import { atLeast, integer, object, parse, sha256, text } from './fields.ts';
import type { Fields } from './fields.ts';
import { snapshotSchema } from './snapshot.ts';
import type { SnapshotFrame, SnapshotLists } from './snapshot.ts';
import { SnapshotInvalid } from './snapshot-invalid.ts';

/** The lists of a snapshot, each in parts of its own. */
export const listNames = ['tenants', 'upstreams', 'models', 'prices', 'multipliers', 'routes', 'errorRules', 'purses', 'pools'] as const satisfies readonly (keyof SnapshotLists)[];

/** One list of a snapshot. */
export type ListName = (typeof listNames)[number];

/** A part of a snapshot that has pages of its own. */
export type SectionName = 'keys' | ListName;

/** Every section. */
export const sectionNames: readonly SectionName[] = ['keys', ...listNames];

/** How many bins a section has (as bits) and the hashes of the pages that refer to them. */
export interface Section { bits: number; pages: readonly string[] }

/** What a manifest says. `root`: the version of the root it is signed under. `previous`: the hash of the manifest before it. */
export interface Manifest extends SnapshotFrame { root: number; previous?: string; keyCount: number; sections: Readonly<Record<SectionName, Section>> }

/** The canonical bytes of a manifest. Hashes of pages are written as one text, for there may be a thousand. */
export function writeManifest({ sections, ...rest }: Manifest): Uint8Array {
  return canonicalBytes({ ...rest, sections: Object.fromEntries(sectionNames.map((name) => [name, { bits: sections[name].bits, pages: toBase64url(fromHex(sections[name].pages.join(''))) }])) });
}

/** Checks the payload of a manifest. Throws SnapshotInvalid. */
export function readManifest(payload: Uint8Array): Manifest {
  const root = object(parse(payload, 'manifest'), 'manifest');
  const schema = integer(root.schema, 'manifest.schema');
  if (schema > snapshotSchema) throw new SnapshotInvalid('manifest.schema', `version ${schema} is newer than ${snapshotSchema}`, 'too-new');
  const sections = object(root.sections, 'manifest.sections');
  const number = (field: string) => atLeast(0, root[field], `manifest.${field}`);
  return {
    schema, fleet: text(root.fleet, 'manifest.fleet'), group: text(root.group, 'manifest.group'), revision: atLeast(1, root.revision, 'manifest.revision'), issuedAt: number('issuedAt'),
    secretEpoch: number('secretEpoch'), hardStaleSeconds: number('hardStaleSeconds'), publicUrl: text(root.publicUrl, 'manifest.publicUrl'), keyCount: number('keyCount'), root: number('root'),
    ...(root.previous === undefined ? {} : { previous: sha256(root.previous, 'manifest.previous') }),
    sections: Object.fromEntries(sectionNames.map((name) => [name, readSection(object(sections[name], `manifest.sections.${name}`), `manifest.sections.${name}`)])) as Record<SectionName, Section>,
  };
}

function readSection(value: Fields, path: string): Section {
  const bits = integer(value.bits, `${path}.bits`);
  if (bits < 0 || bits > 20) throw new SnapshotInvalid(`${path}.bits`, 'must be from 0 to 20');
  let hashes: Uint8Array;
  try { hashes = fromBase64url(text(value.pages, `${path}.pages`)); } catch (cause) { throw cause instanceof SnapshotInvalid ? cause : new SnapshotInvalid(`${path}.pages`, 'is no base64url'); }
  if (hashes.length !== pagesOf(bits) * 32) throw new SnapshotInvalid(`${path}.pages`, 'has another length');
  return { bits, pages: Array.from({ length: pagesOf(bits) }, (_, at) => toHex(hashes.subarray(at * 32, at * 32 + 32))) };
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16));
}
