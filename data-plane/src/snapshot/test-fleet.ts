// For tests and measurements: a fleet that publishes as a control plane does, from the same shared parts.
import { hash } from 'node:crypto';
import { keyIdOf, newSigningKeys } from '@fairlead/shared/crypto/sign.ts';
import type { SigningKeys } from '@fairlead/shared/crypto/sign.ts';
import { binOfDigest, bitsFor, keysPerBin, pagesOf, refsOfPage } from '@fairlead/shared/snapshot/bins.ts';
import { canonicalBytes } from '@fairlead/shared/snapshot/canonical.ts';
import { sealEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import { headFreshMs } from '@fairlead/shared/snapshot/head.ts';
import type { Head } from '@fairlead/shared/snapshot/head.ts';
import type { KeyRow } from '@fairlead/shared/snapshot/key-row.ts';
import { writeShard } from '@fairlead/shared/snapshot/key-shard.ts';
import { writeParts } from '@fairlead/shared/snapshot/list-part.ts';
import { listNames, writeManifest } from '@fairlead/shared/snapshot/manifest.ts';
import type { Manifest, SectionName } from '@fairlead/shared/snapshot/manifest.ts';
import { writePage } from '@fairlead/shared/snapshot/page.ts';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import { fingerprintOf, roleNames } from '@fairlead/shared/snapshot/root.ts';
import type { RoleName } from '@fairlead/shared/snapshot/root.ts';
import type { SnapshotLists } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Source } from './source.ts';

/** What a test publishes; the rest is empty, and one tenant `ten_1` is there. */
export interface TestState { lists?: Partial<SnapshotLists>; keys?: readonly KeyRow[]; manifest?: Partial<Manifest>; head?: Partial<Head>; /** Bytes in place of a shard's, by bin. */ shards?: Readonly<Record<number, Uint8Array>> }

/** A fleet with keys of its own. */
export interface TestFleet {
  readonly fleet: string;
  readonly keys: Readonly<Record<RoleName, SigningKeys>>;
  /** Everything by its hash; a test may take things out or alter them. */
  readonly pieces: Map<string, Uint8Array>;
  readonly roots: Map<number, Uint8Array>;
  /** The fingerprint of the first root. */
  pin(): Promise<{ root: string }>;
  /** Publishes a revision; answers with its sealed head. */
  publish(revision: number, state?: TestState): Promise<Uint8Array>;
  seal(head: Head, by?: SigningKeys): Promise<Uint8Array>;
  /** Gives roles new keys, in a new root. */
  rotate(roles: readonly RoleName[]): Promise<void>;
  /** What nodes fetch from, and what they fetched. */
  readonly source: Source & { readonly fetched: string[] };
}

const emptyLists: SnapshotLists = { tenants: [{ id: 'ten_1', status: 'ACTIVE' }], upstreams: [], models: [], prices: [], multipliers: [], routes: [], errorRules: [], purses: [], pools: [] };

/** A key of `ten_1`, found by the digest of `text`. */
export function testKey(text: string, more: Partial<KeyRow> = {}): KeyRow {
  return { id: `key_${text}`, digest: hash('sha256', text), owner: { tenant: 'ten_1' }, profile: { status: 'ACTIVE', funding: 'TENANT_BUDGET' }, name: text, ...more };
}

/** Makes a fleet. `nowMs`: when its heads are signed. */
export async function openTestFleet(nowMs: () => number, fleet = 'flt_1'): Promise<TestFleet> {
  const keys = { root: await newSigningKeys(), manifest: await newSigningKeys(), head: await newSigningKeys() };
  const pieces = new Map<string, Uint8Array>();
  const roots = new Map<number, Uint8Array>();
  const fetched: string[] = [];
  let pinned = '';

  const put = (bytes: Uint8Array): Ref => {
    const sha256 = hash('sha256', bytes);
    pieces.set(sha256, bytes);
    return { sha256, bytes: bytes.length };
  };
  const writeRoot = async (...also: SigningKeys[]) => {
    const named = await Promise.all(roleNames.map(async (role) => ({ role, id: await keyIdOf(keys[role].publicKey) })));
    const version = roots.size + 1;
    const payload = canonicalBytes({ fleet, version, issuedAt: nowMs(), keys: named.map(({ role, id }) => ({ id, algorithm: 'ed25519', publicKey: keys[role].publicKey })), roles: Object.fromEntries(named.map(({ role, id }) => [role, { keys: [id], threshold: 1 }])) });
    if (version === 1) pinned = await fingerprintOf(1, payload);
    roots.set(version, await sealEnvelope('fairlead/root/1', payload, keys.root, ...also));
  };
  const section = (name: SectionName, bits: number, parts: readonly (Uint8Array | undefined)[]) => {
    const refs = parts.map((part) => part && put(part));
    const size = refsOfPage(bits);
    return { bits, pages: Array.from({ length: pagesOf(bits) }, (_, page) => put(writePage(name, page, refs.slice(page * size, (page + 1) * size))).sha256) };
  };
  await writeRoot();
  const seal: TestFleet['seal'] = (head, by = keys.head) => sealEnvelope('fairlead/head/1', canonicalBytes(head), by);

  return {
    fleet, keys, pieces, roots,
    pin: () => Promise.resolve({ root: pinned }),
    async rotate(roles) {
      const before = keys.root;
      for (const role of roles) keys[role] = await newSigningKeys();
      await writeRoot(...(roles.includes('root') ? [before] : []));
    },
    seal,
    async publish(revision, state = {}) {
      const lists = { ...emptyLists, ...state.lists };
      const rows = state.keys ?? [];
      const bits = bitsFor(rows.length, keysPerBin);
      const bins: KeyRow[][] = Array.from({ length: 2 ** bits }, () => []);
      for (const row of rows) bins[binOfDigest(row.digest, bits)]?.push(row);
      const sections = { keys: section('keys', bits, bins.map((some, bin) => state.shards?.[bin] ?? writeShard(some, bin))) } as Record<SectionName, { bits: number; pages: string[] }>;
      for (const name of listNames) {
        const { bits: partBits, parts } = writeParts(name, lists[name]);
        sections[name] = section(name, partBits, parts);
      }
      const manifest: Manifest = { schema: 5, fleet, group: 'all', root: roots.size, revision, issuedAt: nowMs(), secretEpoch: 1, hardStaleSeconds: 0, publicUrl: 'http://127.0.0.1:4400', keyCount: rows.length, sections, ...state.manifest };
      const ref = put(await sealEnvelope('fairlead/manifest/1', writeManifest(manifest), keys.manifest));
      const issuedAt = nowMs();
      return seal({ fleet, group: 'all', revision, issuedAt, freshUntil: issuedAt + headFreshMs, root: roots.size, manifest: ref, ...state.head });
    },
    source: {
      fetched,
      piece({ sha256 }) {
        const bytes = pieces.get(sha256);
        fetched.push(sha256);
        return bytes ? Promise.resolve(bytes) : Promise.reject(new Error('no such piece'));
      },
      root: (version) => Promise.resolve(roots.get(version)),
    },
  };
}
