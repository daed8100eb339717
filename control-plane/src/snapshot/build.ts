// Pure: rows and sealed credentials in, what nodes are told out. Equal rows give equal bytes.
import { quotaUnits } from '@fairlead/shared/lease/purse.ts';
import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import type { KeyRow } from '@fairlead/shared/snapshot/key-row.ts';
import { purseKinds } from '@fairlead/shared/snapshot/snapshot.ts';
import { multiplierSubjects } from '@fairlead/shared/snapshot/snapshot-price.ts';
import type { Paces, SnapshotBalance, SnapshotCredential, SnapshotErrorRule, SnapshotLists, SnapshotMultiplier, SnapshotPrice, SnapshotRoute, SnapshotTenant, SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import { readBalanceSetting } from '../domain/balances/sources.ts';
import { toldBalance } from '../domain/balances/state.ts';
import { errorMatch, errorOutcome } from '../domain/error-rules/stored.ts';
import { snapshotPriceOf } from '../domain/prices/stored.ts';
import type { Subject } from '../domain/quotas/subjects.ts';
import { routeMatch, routeSettings, routeTargets } from '../domain/routes/stored.ts';
import { readCapabilities, readUpstreamSettings } from '../domain/upstreams/settings.ts';
import { authOf, dialectsOf, modelMap, textList } from '../domain/upstreams/stored.ts';
import type { KeyRowRead, ListRows } from './collect.ts';

/** Credentials under the group key, by credential id. */
export type SealedCredentials = ReadonlyMap<string, string>;

/** The lists of these rows; of a list whose rows were not read there is nothing. */
export function buildLists(rows: ListRows, sealed: SealedCredentials, nowMs: number): SnapshotLists {
  const bound = boundBy(rows.quotas);
  return {
    tenants: rows.tenants.map(tenantOf),
    upstreams: rows.upstreams.map((row) => upstreamOf(row, sealed, nowMs, bound)),
    models: rows.models.map((row) => ({
      name: row.name, displayName: row.displayName,
      ...(row.vendor === null ? {} : { vendor: row.vendor }),
      ...(row.contextTokens === null ? {} : { contextTokens: row.contextTokens }),
      ...(row.maxOutputTokens === null ? {} : { maxOutputTokens: row.maxOutputTokens }),
      ...(row.lacks === null ? {} : { lacks: readCapabilities(row.lacks) }),
    })),
    prices: currentPrices(rows.prices, nowMs),
    multipliers: rows.multipliers.flatMap(multiplierOf),
    routes: rows.routes.map((row) => routeOf(row, rows.upstreamIds)),
    errorRules: rows.errorRules.filter((row) => row.upstreamId === null || rows.upstreamIds.has(row.upstreamId)).map(errorRuleOf),
    purses: [...bound.values()].flatMap(({ kind, id, unit, goesOn }) => purseKinds.filter((known) => known === kind).map((known) => ({ kind: known, id, unit, ...(goesOn ? { goesOn: true as const } : {}) }))),
    pools: rows.pausedPools.map(({ id }) => ({ id, status: 'PAUSED' })),
  };
}

function tenantOf(row: ListRows['tenants'][number]): SnapshotTenant {
  const models = textList(row.models);
  return { id: row.id, status: row.status === 'SUSPENDED' ? 'SUSPENDED' : 'ACTIVE', ...pacesOf(row), ...(models === undefined ? {} : { models }) };
}

function pacesOf(row: { requestsPerMinute: number | null; tokensPerMinute: number | null; concurrent: number | null }): Paces {
  return {
    ...(row.requestsPerMinute === null ? {} : { requestsPerMinute: row.requestsPerMinute }),
    ...(row.tokensPerMinute === null ? {} : { tokensPerMinute: row.tokensPerMinute }),
    ...(row.concurrent === null ? {} : { concurrent: row.concurrent }),
  };
}

/** A key as it travels. `quotas`: those whose subject is a key. */
export function keyRowOf(row: KeyRowRead, bound: Bound): KeyRow {
  const models = textList(row.models);
  const tags = textList(row.tags);
  const clients = textList(row.clients);
  const quotas = quotaUnits.flatMap((unit) => {
    const own = bound.get(boundName('KEY', row.id, unit));
    return own === undefined ? [] : [{ unit, ...(own.goesOn ? { goesOn: true as const } : {}) }];
  });
  return {
    id: row.id, digest: row.digest, owner: { tenant: row.tenantId, ...(row.memberId === null ? {} : { member: row.memberId }) },
    ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt.getTime() }),
    name: row.name,
    profile: {
      status: row.status === 'REVOKED' || row.status === 'PAUSED' ? row.status : 'ACTIVE',
      funding: row.funding === 'POOL' || row.funding === 'WALLET' || row.funding === 'OWN_PROVIDER' ? row.funding : 'TENANT_BUDGET',
      ...(row.campaignId === null ? {} : { campaign: row.campaignId }),
      ...(row.funding === 'POOL' && row.poolId !== null ? { pool: row.poolId } : {}),
      ...(models === undefined ? {} : { models }),
      ...(row.maxOutputTokens === null ? {} : { maxOutputTokens: row.maxOutputTokens }),
      ...pacesOf(row),
      ...(row.sessions === null ? {} : { sessions: row.sessions }),
      ...(clients === undefined ? {} : { clients }),
      ...(tags === undefined ? {} : { tags }),
      ...(row.replay ? { replay: true as const } : {}),
      ...(quotas.length === 0 ? {} : { quotas }),
    },
  };
}

/** Which subjects are bound in which units, and whether every quota of them lets nodes go on uncovered. */
export type Bound = ReadonlyMap<string, { kind: string; id: string; unit: QuotaUnit; goesOn: boolean }>;

/** What these quotas bind. */
export function boundBy(quotas: ListRows['quotas']): Bound {
  const bound = new Map<string, { kind: string; id: string; unit: QuotaUnit; goesOn: boolean }>();
  for (const { subjectKind: kind, subjectId: id, unit: text, whenUnreachable } of quotas) {
    const unit = quotaUnits.find((known) => known === text);
    if (unit === undefined) continue;
    const name = boundName(kind, id, unit);
    bound.set(name, { kind, id, unit, goesOn: whenUnreachable === 'SERVE' && bound.get(name)?.goesOn !== false });
  }
  return bound;
}

function boundName(kind: string, id: string, unit: string): string {
  return `${kind}:${id}:${unit}`;
}

/** What nodes are told of the purses of an upstream or a credential. */
function ownPurses(subject: Subject, bound: Bound): { purses?: QuotaUnit[]; goesOn?: QuotaUnit[] } {
  const purses = quotaUnits.filter((unit) => bound.has(boundName(subject.subjectKind, subject.subjectId, unit)));
  const goesOn = purses.filter((unit) => bound.get(boundName(subject.subjectKind, subject.subjectId, unit))?.goesOn === true);
  return { ...(purses.length === 0 ? {} : { purses }), ...(goesOn.length === 0 ? {} : { goesOn }) };
}

function upstreamOf(row: ListRows['upstreams'][number], sealed: SealedCredentials, nowMs: number, bound: Bound): SnapshotUpstream {
  const models = modelMap(row.models);
  const reading = readBalanceSetting(row.balance);
  return {
    id: row.id, name: row.name, baseUrl: row.baseUrl, dialects: dialectsOf(row.dialects), auth: authOf(row.auth),
    ...(row.tenantId === null ? {} : { tenant: row.tenantId }),
    ...(models === undefined ? {} : { models }),
    priority: row.priority, weight: row.weight, status: row.status === 'PAUSED' ? 'PAUSED' : 'ACTIVE',
    credentials: row.credentials.flatMap((credential) => {
      const text = sealed.get(credential.id);
      return text === undefined ? [] : [credentialOf(credential, text, toldBalance(credential.balance, reading, nowMs), bound)];
    }),
    ...readUpstreamSettings(row.settings),
    ...ownPurses({ subjectKind: 'UPSTREAM', subjectId: row.id }, bound),
  };
}

function credentialOf(row: ListRows['upstreams'][number]['credentials'][number], sealed: string, balance: SnapshotBalance | undefined, bound: Bound): SnapshotCredential {
  return {
    id: row.id, version: row.version, priority: row.priority, weight: row.weight,
    ...(row.requestsPerMinute === null ? {} : { requestsPerMinute: row.requestsPerMinute }),
    ...(row.concurrent === null ? {} : { concurrent: row.concurrent }),
    ...(row.spillAtPercent === null ? {} : { spillAtPercent: row.spillAtPercent }),
    ...(balance === undefined ? {} : { balance }),
    ...ownPurses({ subjectKind: 'CREDENTIAL', subjectId: row.id }, bound),
    sealed,
  };
}

/** Of each model and upstream the last row that counts, and those that will: nodes go over to them by themselves. Rows come in the order in which they take effect. */
function currentPrices(rows: ListRows['prices'], nowMs: number): SnapshotPrice[] {
  const newest = new Map<string, ListRows['prices'][number]>();
  const coming: ListRows['prices'] = [];
  for (const row of rows) {
    if (row.effectiveAt.getTime() > nowMs) coming.push(row);
    else newest.set(`${row.modelName}\n${row.upstreamId ?? ''}`, row);
  }
  return [...newest.values(), ...coming].sort((a, b) => (a.id < b.id ? -1 : 1)).flatMap((row) => snapshotPriceOf(row, nowMs) ?? []);
}

function multiplierOf(row: ListRows['multipliers'][number]): SnapshotMultiplier[] {
  const subject = multiplierSubjects.find((known) => known === row.subjectKind);
  return subject === undefined ? [] : [{ subject, id: row.subjectId, millionths: row.millionths }];
}

/** One route as nodes are told it; targets that are gone are left out. */
export function routeOf(row: ListRows['routes'][number], upstreamIds: ReadonlySet<string>): SnapshotRoute {
  return {
    id: row.id, name: row.name, position: row.position, ...routeMatch(row.match), ...routeSettings(row.settings),
    ...(row.tenantId === null ? {} : { tenant: row.tenantId }),
    targets: routeTargets(row.targets).filter((target) => upstreamIds.has(target.upstreamId)).map((target) => ({
      upstream: target.upstreamId, ...(target.model === undefined ? {} : { model: target.model }), priority: target.priority, weight: target.weight,
    })),
  };
}

function errorRuleOf(row: ListRows['errorRules'][number]): SnapshotErrorRule {
  const outcome = errorOutcome(row.outcome);
  return {
    id: row.id, name: row.name, position: row.position, ...errorMatch(row.match),
    ...(row.tenantId === null ? {} : { tenant: row.tenantId }),
    ...(row.upstreamId === null ? {} : { upstream: row.upstreamId }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(row.say === null ? {} : { say: row.say }),
    ...(row.answerStatus === null ? {} : { status: row.answerStatus }),
  };
}
