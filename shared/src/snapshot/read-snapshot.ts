// Pure. Checks what a snapshot says. Both planes validate with this file: what the publisher accepts, a node accepts.
import { quotaUnits } from '../lease/purse.ts';
import { isDialectName } from '../wire/dialect-name.ts';
import { each, ids, integer, known, list, object, oneOf, optional, text } from './fields.ts';
import type { Fields } from './fields.ts';
import type { KeyProfile } from './key-row.ts';
import { abortPolicies, addressings, capabilities, purseKinds, rankings, returnPolicies, scenarios, upstreamAuths } from './snapshot.ts';
import type { SnapshotLists } from './snapshot.ts';
import { SnapshotInvalid } from './snapshot-invalid.ts';
import { isMillionths, multiplierSubjects, priceProblem } from './snapshot-price.ts';

/** Checks the lists of a snapshot, put together from their parts: shape, ids that point somewhere, sane numbers. Throws SnapshotInvalid. */
export function readLists(root: Fields): SnapshotLists {
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
  each(root.models, 'models', (item, path) => { text(item.name, `${path}.name`); });
  each(root.prices, 'prices', (item, path) => {
    text(item.model, `${path}.model`);
    known(item.upstream, upstreams, `${path}.upstream`);
    const wrong = priceProblem(item);
    if (wrong) throw new SnapshotInvalid(`${path}.${wrong.at}`, wrong.problem);
  });
  each(root.multipliers, 'multipliers', (item, path) => {
    oneOf(item.subject, multiplierSubjects, `${path}.subject`);
    text(item.id, `${path}.id`);
    if (!isMillionths(item.millionths)) throw new SnapshotInvalid(`${path}.millionths`, 'is no multiplier');
  });
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
  each(root.errorRules, 'errorRules', (item, path) => {
    text(item.id, `${path}.id`);
    known(item.tenant, tenants, `${path}.tenant`);
    known(item.upstream, upstreams, `${path}.upstream`);
    optional(item.statuses, (value, at) => list(value, at).forEach((status) => count(status, at)), `${path}.statuses`);
    for (const field of ['pattern', 'outcome', 'say']) optional(item[field], text, `${path}.${field}`);
    optional(item.status, count, `${path}.status`);
  });
  each(root.purses, 'purses', (item, path) => {
    oneOf(item.kind, purseKinds, `${path}.kind`);
    text(item.id, `${path}.id`);
    oneOf(item.unit, quotaUnits, `${path}.unit`);
    optional(item.goesOn, flag, `${path}.goesOn`);
  });
  ids(root.pools, 'pools');
  each(root.pools, 'pools', (item, path) => { oneOf(item.status, ['PAUSED'], `${path}.status`); });
  return root as unknown as SnapshotLists;
}

/** Checks what keys of one kind have in common. Throws SnapshotInvalid. */
export function readProfile(value: unknown, path: string): KeyProfile {
  const item = object(value, path);
  oneOf(item.status, ['ACTIVE', 'PAUSED', 'REVOKED'], `${path}.status`);
  oneOf(item.funding, ['POOL', 'WALLET', 'OWN_PROVIDER', 'TENANT_BUDGET'], `${path}.funding`);
  limits(item, path);
  for (const field of ['campaign', 'pool']) optional(item[field], text, `${path}.${field}`);
  optional(item.tags, texts, `${path}.tags`);
  optional(item.replay, flag, `${path}.replay`);
  optional(item.quotas, (rows, at) => each(rows, at, (row, where) => {
    oneOf(row.unit, quotaUnits, `${where}.unit`);
    optional(row.goesOn, flag, `${where}.goesOn`);
  }), `${path}.quotas`);
  return item as unknown as KeyProfile;
}

function flag(value: unknown, path: string): void {
  if (value !== true) throw new SnapshotInvalid(path, 'must be true or left out');
}
function balance(value: unknown, path: string): void {
  const { left, unit, resetsAt } = object(value, path);
  if (!/^-?\d{1,12}(\.\d{1,9})?$/.test(text(left, `${path}.left`))) throw new SnapshotInvalid(`${path}.left`, 'is no number');
  text(unit, `${path}.unit`);
  optional(resetsAt, integer, `${path}.resetsAt`);
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
