// Pure. What a node is told. Both planes validate with this file: what the publisher accepts, a node accepts.

import { isDialectName } from '../wire/dialect-name.ts';
import type { DialectName } from '../wire/dialect-name.ts';

export type { DialectName } from '../wire/dialect-name.ts';
export { DIALECT_NAMES as dialectNames } from '../wire/dialect-name.ts';

/** The version of this schema; a node refuses a higher one and keeps what it has. */
export const snapshotSchema = 1;

/** How a credential is presented to an upstream. */
export type UpstreamAuth = 'BEARER' | 'X_API_KEY' | 'X_GOOG_API_KEY';

/** What pays for a key. */
export type FundingKind = 'POOL' | 'WALLET' | 'OWN_PROVIDER' | 'TENANT_BUDGET';

/** The whole state a node needs, signed as canonical JSON. Money is a decimal string of nano-USD; times are epoch ms. */
export interface Snapshot {
  schema: number;
  fleet: string;
  revision: number;
  issuedAt: number;
  /** The epoch of the group key under which credentials are sealed. */
  secretEpoch: number;
  /** After this age without news a node stops serving; 0 = never. */
  hardStaleSeconds: number;
  /** Where people claim keys and read what happened; printed in refusals. */
  publicUrl: string;
  tenants: SnapshotTenant[];
  keys: SnapshotKey[];
  upstreams: SnapshotUpstream[];
  models: SnapshotModel[];
  prices: SnapshotPrice[];
  routes: SnapshotRoute[];
}

export interface SnapshotTenant { id: string; status: 'ACTIVE' | 'SUSPENDED' }

export interface SnapshotKey {
  id: string;
  /** SHA-256 of the whole key text, 64 hexadecimal digits. */
  digest: string;
  tenant: string;
  status: 'ACTIVE' | 'PAUSED' | 'REVOKED';
  funding: FundingKind;
  campaign?: string;
  pool?: string;
  expiresAt?: number;
  /** Model names (with `*`) it may ask for; absent = all. */
  models?: string[];
  maxOutputTokens?: number;
  requestsPerMinute?: number;
  /** True when at least one quota binds it: it then spends only from leases. */
  leased: boolean;
}

export interface SnapshotUpstream {
  id: string;
  /** Absent = the operator's, for every tenant. */
  tenant?: string;
  name: string;
  baseUrl: string;
  /** Dialects it speaks, the preferred first. */
  dialects: DialectName[];
  auth: UpstreamAuth;
  /** Asked name → sent name; absent = every name, sent as asked. */
  models?: { model: string; upstreamModel: string }[];
  priority: number;
  weight: number;
  status: 'ACTIVE' | 'PAUSED';
  credentials: SnapshotCredential[];
}

export interface SnapshotCredential {
  id: string;
  version: number;
  priority: number;
  weight: number;
  /** AES-256-GCM under the group key; AAD = `credentialAad`. */
  sealed: string;
}

export interface SnapshotModel { name: string; displayName: string; vendor?: string; contextTokens?: number; maxOutputTokens?: number }

export interface SnapshotPrice {
  id: string;
  model: string;
  /** Only for this upstream; absent = everywhere. */
  upstream?: string;
  inputNano: string;
  outputNano: string;
  cacheReadNano: string;
  cacheWrite5mNano: string;
  cacheWrite1hNano: string;
}

export interface SnapshotRoute {
  id: string;
  tenant?: string;
  name: string;
  position: number;
  /** Model names with `*`; empty = every model. */
  models: string[];
  targets: { upstream: string; model?: string; priority: number; weight: number }[];
}

/** What a sealed credential is bound to, so that no ciphertext can be moved to another place. */
export function credentialAad(at: { fleet: string; epoch: number; upstream: string; credential: string; version: number }): string {
  return `fairlead|credential|${at.fleet}|${at.epoch}|${at.upstream}|${at.credential}|${at.version}`;
}

/** What a keyring envelope (payload type `fairlead/keyring/1`) holds: the group key, sealed to one node. */
export interface Keyring {
  fleet: string;
  node: string;
  epoch: number;
  /** Compact JWE to the node's X25519 key; its plaintext is the 32 bytes of the group key. */
  jwe: string;
}

/** A snapshot that breaks the schema, with the path of the fault. */
export class SnapshotInvalid extends Error {
  readonly path: string;
  constructor(path: string, problem: string) { super(`snapshot ${path || '(root)'}: ${problem}`); this.path = path; }
}

/** Parses and checks a snapshot's bytes: shape, ids that point somewhere, sane numbers. Throws SnapshotInvalid. */
export function readSnapshot(bytes: Uint8Array): Snapshot {
  let value: unknown;
  try { value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)); } catch { throw new SnapshotInvalid('', 'not JSON'); }
  const root = object(value, '');
  if (integer(root.schema, 'schema') > snapshotSchema) throw new SnapshotInvalid('schema', `version ${String(root.schema)} is newer than ${snapshotSchema}`);
  text(root.fleet, 'fleet');
  if (integer(root.revision, 'revision') < 1) throw new SnapshotInvalid('revision', 'must be at least 1');
  for (const field of ['issuedAt', 'secretEpoch', 'hardStaleSeconds']) integer(root[field], field);
  text(root.publicUrl, 'publicUrl');
  const tenants = ids(root.tenants, 'tenants');
  const upstreams = ids(root.upstreams, 'upstreams');
  ids(root.prices, 'prices');
  each(root.upstreams, 'upstreams', (item, path) => {
    known(item.tenant, tenants, `${path}.tenant`);
    if (!URL.canParse(text(item.baseUrl, `${path}.baseUrl`))) throw new SnapshotInvalid(`${path}.baseUrl`, 'is no URL');
    const dialects = list(item.dialects, `${path}.dialects`);
    if (dialects.length === 0) throw new SnapshotInvalid(`${path}.dialects`, 'is empty');
    for (const name of dialects) if (!isDialectName(name)) throw new SnapshotInvalid(`${path}.dialects`, 'names an unknown dialect');
    oneOf(item.auth, ['BEARER', 'X_API_KEY', 'X_GOOG_API_KEY'], `${path}.auth`);
    each(item.credentials, `${path}.credentials`, (credential, at) => { text(credential.id, `${at}.id`); text(credential.sealed, `${at}.sealed`); integer(credential.version, `${at}.version`); });
    if (item.models !== undefined) each(item.models, `${path}.models`, (model, at) => { text(model.model, `${at}.model`); text(model.upstreamModel, `${at}.upstreamModel`); });
  });
  const digests = new Set<string>();
  each(root.keys, 'keys', (item, path) => {
    const digest = text(item.digest, `${path}.digest`);
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new SnapshotInvalid(`${path}.digest`, 'is no SHA-256');
    if (digests.has(digest)) throw new SnapshotInvalid(`${path}.digest`, 'occurs twice');
    digests.add(digest);
    text(item.id, `${path}.id`);
    text(item.tenant, `${path}.tenant`);
    known(item.tenant, tenants, `${path}.tenant`);
    oneOf(item.status, ['ACTIVE', 'PAUSED', 'REVOKED'], `${path}.status`);
    oneOf(item.funding, ['POOL', 'WALLET', 'OWN_PROVIDER', 'TENANT_BUDGET'], `${path}.funding`);
    if (typeof item.leased !== 'boolean') throw new SnapshotInvalid(`${path}.leased`, 'must be true or false');
  });
  each(root.models, 'models', (item, path) => { text(item.name, `${path}.name`); });
  each(root.prices, 'prices', (item, path) => {
    text(item.model, `${path}.model`);
    known(item.upstream, upstreams, `${path}.upstream`);
    for (const field of ['inputNano', 'outputNano', 'cacheReadNano', 'cacheWrite5mNano', 'cacheWrite1hNano']) {
      if (!/^\d{1,18}$/.test(text(item[field], `${path}.${field}`))) throw new SnapshotInvalid(`${path}.${field}`, 'is no amount');
    }
  });
  each(root.routes, 'routes', (item, path) => {
    known(item.tenant, tenants, `${path}.tenant`);
    list(item.models, `${path}.models`);
    each(item.targets, `${path}.targets`, (target, at) => { text(target.upstream, `${at}.upstream`); known(target.upstream, upstreams, `${at}.upstream`); });
  });
  return root as unknown as Snapshot;
}

type Fields = Record<string, unknown>;

function object(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SnapshotInvalid(path, 'must be an object');
  return value as Fields;
}
function list(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw new SnapshotInvalid(path, 'must be a list');
  return value;
}
function each(value: unknown, path: string, check: (item: Fields, path: string) => void): void {
  list(value, path).forEach((item, at) => check(object(item, `${path}[${at}]`), `${path}[${at}]`));
}
function ids(value: unknown, path: string): Set<string> {
  const seen = new Set<string>();
  each(value, path, (item, at) => {
    const id = text(item.id, `${at}.id`);
    if (seen.has(id)) throw new SnapshotInvalid(`${at}.id`, 'occurs twice');
    seen.add(id);
  });
  return seen;
}
function known(value: unknown, among: Set<string>, path: string): void {
  if (value !== undefined && (typeof value !== 'string' || !among.has(value))) throw new SnapshotInvalid(path, 'points to nothing in this snapshot');
}
function text(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw new SnapshotInvalid(path, 'must be a text');
  return value;
}
function integer(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new SnapshotInvalid(path, 'must be a whole number');
  return value;
}
function oneOf(value: unknown, among: readonly string[], path: string): void {
  if (typeof value !== 'string' || !among.includes(value)) throw new SnapshotInvalid(path, `must be one of ${among.join(', ')}`);
}
