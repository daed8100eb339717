// Pure. The head: which manifest counts now. Short-lived and signed anew all the time, so that a node knows when it is kept from news.
import { atLeast, integer, object, parse, sha256, text } from './fields.ts';
import type { Ref } from './page.ts';
import { SnapshotInvalid } from './snapshot-invalid.ts';

/** What a head says. Times are epoch ms; heads of one revision are told apart by `issuedAt`, which always rises. */
export interface Head { fleet: string; group: string; revision: number; issuedAt: number; /** From then on it proves nothing about now. */ freshUntil: number; /** The version of the root it is signed under. */ root: number; manifest: Ref }

/** The control plane signs a new head after so long, also when nothing has changed. */
export const headEveryMs = 30_000;

/** For so long a head proves that nothing newer is kept back. */
export const headFreshMs = 600_000;

/** A head beyond this is no head. */
export const mostHeadBytes = 8 * 1024;

/** A manifest beyond this is none. */
export const mostManifestBytes = 1024 * 1024;

/** Checks the payload of a head. Throws SnapshotInvalid. */
export function readHead(payload: Uint8Array): Head {
  const head = object(parse(payload, 'head'), 'head');
  const manifest = object(head.manifest, 'head.manifest');
  const bytes = atLeast(1, manifest.bytes, 'head.manifest.bytes');
  if (bytes > mostManifestBytes) throw new SnapshotInvalid('head.manifest.bytes', 'is too large');
  return {
    fleet: text(head.fleet, 'head.fleet'), group: text(head.group, 'head.group'), revision: atLeast(1, head.revision, 'head.revision'), issuedAt: integer(head.issuedAt, 'head.issuedAt'),
    freshUntil: integer(head.freshUntil, 'head.freshUntil'), root: atLeast(1, head.root, 'head.root'), manifest: { sha256: sha256(manifest.sha256, 'head.manifest.sha256'), bytes },
  };
}
