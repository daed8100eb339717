// Pure. Checks a snapshot. Both planes validate with this file: what the publisher accepts, a node accepts.
import { quotaUnits } from '../lease/purse.ts';
import { isDialectName } from '../wire/dialect-name.ts';
import { abortPolicies, addressings, capabilities, rankings, returnPolicies, scenarios, snapshotSchema, upstreamAuths } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { isMillionths, multiplierSubjects, priceProblem } from './snapshot-price.ts';

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
  each(root.tenants, 'tenants', limits);
  const upstreams = ids(root.upstreams, 'upstreams');
  ids(root.prices, 'prices');
  each(root.upstreams, 'upstreams', (item, path) => {
    known(item.tenant, tenants, `${path}.tenant`);
    if (!URL.canParse(text(item.baseUrl, `${path}.baseUrl`))) throw new SnapshotInvalid(`${path}.baseUrl`, 'is no URL');
    const dialects = list(item.dialects, `${path}.dialects`);
    if (dialects.length === 0) throw new SnapshotInvalid(`${path}.dialects`, 'is empty');
    for (const name of dialects) if (!isDialectName(name)) throw new SnapshotInvalid(`${path}.dialects`, 'names an unknown dialect');
    oneOf(item.auth, upstreamAuths, `${path}.auth`);
    optional(item.addressing, (value, at) => oneOf(value, addressings, at), `${path}.addressing`);
    optional(item.onAbort, (value, at) => oneOf(value, abortPolicies, at), `${path}.onAbort`);
    optional(item.quirks, texts, `${path}.quirks`);
    for (const field of ['purses', 'goesOn']) optional(item[field], purses, `${path}.${field}`);
    optional(item.lacks, (value, at) => list(value, at).forEach((name) => oneOf(name, capabilities, at)), `${path}.lacks`);
    optional(item.patience, (value, at) => { const times = integer(value, at); if (times < 1 || times > 100) throw new SnapshotInvalid(at, 'must be from 1 to 100'); }, `${path}.patience`);
    optional(item.headers, (value, at) => { for (const [name, header] of Object.entries(object(value, at))) text(header, `${at}.${name}`); }, `${path}.headers`);
    optional(item.baseUrls, (value, at) => { for (const [name, url] of Object.entries(object(value, at))) if (!isDialectName(name) || !URL.canParse(text(url, `${at}.${name}`))) throw new SnapshotInvalid(`${at}.${name}`, 'is no URL of a dialect'); }, `${path}.baseUrls`);
    each(item.credentials, `${path}.credentials`, (credential, at) => { text(credential.id, `${at}.id`); text(credential.sealed, `${at}.sealed`); integer(credential.version, `${at}.version`); optional(credential.balance, balance, `${at}.balance`); for (const field of ['purses', 'goesOn']) optional(credential[field], purses, `${at}.${field}`); });
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
    limits(item, path);
    if (typeof item.leased !== 'boolean') throw new SnapshotInvalid(`${path}.leased`, 'must be true or false');
    for (const field of ['purses', 'goesOn']) optional(item[field], purses, `${path}.${field}`);
  });
  each(root.models, 'models', (item, path) => { text(item.name, `${path}.name`); });
  each(root.prices, 'prices', (item, path) => {
    text(item.model, `${path}.model`);
    known(item.upstream, upstreams, `${path}.upstream`);
    const wrong = priceProblem(item);
    if (wrong) throw new SnapshotInvalid(`${path}.${wrong.at}`, wrong.problem);
  });
  optional(root.multipliers, (rows, at) => each(rows, at, (item, path) => {
    oneOf(item.subject, multiplierSubjects, `${path}.subject`);
    text(item.id, `${path}.id`);
    if (!isMillionths(item.millionths)) throw new SnapshotInvalid(`${path}.millionths`, 'is no multiplier');
  }), 'multipliers');
  each(root.routes, 'routes', (item, path) => {
    known(item.tenant, tenants, `${path}.tenant`);
    list(item.models, `${path}.models`);
    each(item.targets, `${path}.targets`, (target, at) => { text(target.upstream, `${at}.upstream`); known(target.upstream, upstreams, `${at}.upstream`); });
    optional(item.scenario, (value, at) => oneOf(value, scenarios, at), `${path}.scenario`);
    optional(item.when, text, `${path}.when`);
    optional(item.rank, (value, at) => oneOf(value, rankings, at), `${path}.rank`);
    optional(item.returns, (value, at) => oneOf(value, returnPolicies, at), `${path}.returns`);
    for (const field of ['hedgeAfterMs', 'stickySeconds']) optional(item[field], count, `${path}.${field}`);
  });
  optional(root.errorRules, (rules) => each(rules, 'errorRules', (item, path) => {
    text(item.id, `${path}.id`);
    known(item.tenant, tenants, `${path}.tenant`);
    known(item.upstream, upstreams, `${path}.upstream`);
    optional(item.statuses, (value, at) => list(value, at).forEach((status) => count(status, at)), `${path}.statuses`);
    for (const field of ['pattern', 'outcome', 'say']) optional(item[field], text, `${path}.${field}`);
    optional(item.status, count, `${path}.status`);
  }), 'errorRules');
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
function balance(value: unknown, path: string): void {
  const { left, unit, resetsAt } = object(value, path);
  if (!/^-?\d{1,12}(\.\d{1,9})?$/.test(text(left, `${path}.left`))) throw new SnapshotInvalid(`${path}.left`, 'is no number');
  text(unit, `${path}.unit`);
  optional(resetsAt, integer, `${path}.resetsAt`);
}
function oneOf(value: unknown, among: readonly string[], path: string): void {
  if (typeof value !== 'string' || !among.includes(value)) throw new SnapshotInvalid(path, `must be one of ${among.join(', ')}`);
}
function optional(value: unknown, check: (value: unknown, path: string) => unknown, path: string): void {
  if (value !== undefined) check(value, path);
}
function purses(value: unknown, path: string): void {
  list(value, path).forEach((unit) => oneOf(unit, quotaUnits, path));
}
function texts(value: unknown, path: string): void {
  list(value, path).forEach((item, at) => text(item, `${path}[${at}]`));
}
const limitNames = ['requestsPerMinute', 'tokensPerMinute', 'concurrent', 'sessions', 'maxOutputTokens'] as const;
/** A limit of nothing would divide by it. */
function limits(item: Fields, path: string): void {
  for (const name of limitNames) optional(item[name], (value, at) => { if (integer(value, at) < 1) throw new SnapshotInvalid(at, 'must be at least 1'); }, `${path}.${name}`);
  for (const name of ['models', 'clients']) optional(item[name], texts, `${path}.${name}`);
}
function count(value: unknown, path: string): void {
  if (integer(value, path) < 0) throw new SnapshotInvalid(path, 'must not be negative');
}
