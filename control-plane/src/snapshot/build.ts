// Pure: rows and sealed credentials in, a snapshot out. Equal rows give equal bytes.
import { quotaUnits } from '@fairlead/shared/lease/purse.ts';
import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import { snapshotSchema, snapshotSchemaWithoutLimits } from '@fairlead/shared/snapshot/snapshot.ts';
import { multiplierSubjects } from '@fairlead/shared/snapshot/snapshot-price.ts';
import type { Paces, Snapshot, SnapshotBalance, SnapshotCredential, SnapshotErrorRule, SnapshotKey, SnapshotMultiplier, SnapshotPrice, SnapshotRoute, SnapshotTenant, SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import { readBalanceSetting } from '../domain/balances/sources.ts';
import { toldBalance } from '../domain/balances/state.ts';
import { errorMatch, errorOutcome } from '../domain/error-rules/stored.ts';
import { snapshotPriceOf } from '../domain/prices/stored.ts';
import { isOwnMoney, subjectsOf } from '../domain/quotas/subjects.ts';
import type { Subject } from '../domain/quotas/subjects.ts';
import { routeMatch, routeSettings, routeTargets } from '../domain/routes/stored.ts';
import { readCapabilities, readUpstreamSettings } from '../domain/upstreams/settings.ts';
import { authOf, dialectsOf, modelMap, textList } from '../domain/upstreams/stored.ts';
import type { SnapshotRows } from './collect.ts';

/** What a snapshot has beside the rows. */
export interface SnapshotFrame { fleet: string; revision: number; issuedAt: number; secretEpoch: number; publicUrl: string }

/** Credentials under the group key, by credential id. */
export type SealedCredentials = ReadonlyMap<string, string>;

/** The snapshot of these rows. */
export function buildSnapshot(frame: SnapshotFrame, rows: SnapshotRows, sealed: SealedCredentials): Snapshot {
  const bound = boundBy(rows.quotas);
  const keys = rows.keys.map((row) => keyOf(row, rows, bound));
  const upstreams = rows.upstreams.map((row) => upstreamOf(row, sealed, frame.issuedAt, bound));
  const tenants = rows.tenants.map(tenantOf);
  const hasLimits = keys.some((key) => key.purses ?? key.tokensPerMinute ?? key.sessions ?? key.clients) || upstreams.some((upstream) => upstream.purses ?? upstream.credentials.some((credential) => credential.purses))
    || tenants.some((tenant) => tenant.requestsPerMinute ?? tenant.tokensPerMinute ?? tenant.concurrent ?? tenant.models);
  const upstreamIds = new Set(rows.upstreams.map((upstream) => upstream.id));
  return {
    // A node that does not know them would serve as if there were no limit: it must refuse.
    schema: hasLimits ? snapshotSchema : snapshotSchemaWithoutLimits,
    ...frame,
    hardStaleSeconds: 0,
    tenants,
    keys,
    upstreams,
    models: rows.models.map((row) => ({
      name: row.name, displayName: row.displayName,
      ...(row.vendor === null ? {} : { vendor: row.vendor }),
      ...(row.contextTokens === null ? {} : { contextTokens: row.contextTokens }),
      ...(row.maxOutputTokens === null ? {} : { maxOutputTokens: row.maxOutputTokens }),
      ...(row.lacks === null ? {} : { lacks: readCapabilities(row.lacks) }),
    })),
    prices: currentPrices(rows.prices, frame.issuedAt),
    ...(rows.multipliers.length === 0 ? {} : { multipliers: rows.multipliers.flatMap(multiplierOf) }),
    routes: rows.routes.map((row) => routeOf(row, upstreamIds)),
    errorRules: rows.errorRules.filter((row) => row.upstreamId === null || upstreamIds.has(row.upstreamId)).map(errorRuleOf),
  };
}

function tenantOf(row: SnapshotRows['tenants'][number]): SnapshotTenant {
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

function keyOf(row: SnapshotRows['keys'][number], rows: SnapshotRows, bound: Bound): SnapshotKey {
  const models = textList(row.models);
  const tags = textList(row.tags);
  const subjects = subjectsOf(row);
  const units = pursesOf(subjects, bound);
  const purses = units.filter((unit) => unit !== 'USD');
  const clients = textList(row.clients);
  const pausedByPool = row.poolId !== null && row.funding === 'POOL' && rows.pausedPools.has(row.poolId);
  return {
    id: row.id, digest: row.digest, tenant: row.tenantId,
    status: row.status === 'REVOKED' ? 'REVOKED' : row.status === 'PAUSED' || pausedByPool ? 'PAUSED' : 'ACTIVE',
    funding: row.funding === 'POOL' || row.funding === 'WALLET' || row.funding === 'OWN_PROVIDER' ? row.funding : 'TENANT_BUDGET',
    ...(row.campaignId === null ? {} : { campaign: row.campaignId }),
    ...(row.funding === 'POOL' && row.poolId !== null ? { pool: row.poolId } : {}),
    ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt.getTime() }),
    ...(models === undefined ? {} : { models }),
    ...(row.maxOutputTokens === null ? {} : { maxOutputTokens: row.maxOutputTokens }),
    ...pacesOf(row),
    ...(row.sessions === null ? {} : { sessions: row.sessions }),
    ...(clients === undefined ? {} : { clients }),
    name: row.name,
    ...(tags === undefined ? {} : { tags }),
    ...(row.replay ? { replay: true } : {}),
    leased: row.funding === 'WALLET' || units.includes('USD'),
    ...(purses.length === 0 ? {} : { purses }),
    ...(isOwnMoney(row) ? goesOnIn(subjects, units, bound) : {}),
  };
}

/** Which subjects are bound in which units, and whether every quota of them lets nodes go on uncovered. */
type Bound = ReadonlyMap<string, { goesOn: boolean }>;

function boundBy(quotas: SnapshotRows['quotas']): Bound {
  const bound = new Map<string, { goesOn: boolean }>();
  for (const { subjectKind, subjectId, unit, whenUnreachable } of quotas) {
    const name = boundName(subjectKind, subjectId, unit);
    bound.set(name, { goesOn: whenUnreachable === 'SERVE' && bound.get(name)?.goesOn !== false });
  }
  return bound;
}

function boundName(kind: string, id: string, unit: string): string {
  return `${kind}:${id}:${unit}`;
}

/** In which units quotas bind any of these. */
function pursesOf(subjects: readonly Subject[], bound: Bound): QuotaUnit[] {
  return quotaUnits.filter((unit) => subjects.some(({ subjectKind, subjectId }) => bound.has(boundName(subjectKind, subjectId, unit))));
}

/** In which of these units every quota that binds lets nodes go on uncovered. */
function goesOnIn(subjects: readonly Subject[], units: readonly QuotaUnit[], bound: Bound): { goesOn?: QuotaUnit[] } {
  const goesOn = units.filter((unit) => subjects.every(({ subjectKind, subjectId }) => bound.get(boundName(subjectKind, subjectId, unit))?.goesOn !== false));
  return goesOn.length === 0 ? {} : { goesOn };
}

/** What nodes are told of the purses of an upstream or a credential. */
function ownPurses(subject: Subject, bound: Bound): { purses?: QuotaUnit[]; goesOn?: QuotaUnit[] } {
  const purses = pursesOf([subject], bound);
  return purses.length === 0 ? {} : { purses, ...goesOnIn([subject], purses, bound) };
}

function upstreamOf(row: SnapshotRows['upstreams'][number], sealed: SealedCredentials, nowMs: number, bound: Bound): SnapshotUpstream {
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

function credentialOf(row: SnapshotRows['upstreams'][number]['credentials'][number], sealed: string, balance: SnapshotBalance | undefined, bound: Bound): SnapshotCredential {
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
function currentPrices(rows: SnapshotRows['prices'], nowMs: number): SnapshotPrice[] {
  const newest = new Map<string, SnapshotRows['prices'][number]>();
  const coming: SnapshotRows['prices'] = [];
  for (const row of rows) {
    if (row.effectiveAt.getTime() > nowMs) coming.push(row);
    else newest.set(`${row.modelName}\n${row.upstreamId ?? ''}`, row);
  }
  return [...newest.values(), ...coming].sort((a, b) => (a.id < b.id ? -1 : 1)).flatMap((row) => snapshotPriceOf(row, nowMs) ?? []);
}

function multiplierOf(row: SnapshotRows['multipliers'][number]): SnapshotMultiplier[] {
  const subject = multiplierSubjects.find((known) => known === row.subjectKind);
  return subject === undefined ? [] : [{ subject, id: row.subjectId, millionths: row.millionths }];
}

/** One route as nodes are told it; targets that are gone are left out. */
export function routeOf(row: SnapshotRows['routes'][number], upstreamIds: ReadonlySet<string>): SnapshotRoute {
  return {
    id: row.id, name: row.name, position: row.position, ...routeMatch(row.match), ...routeSettings(row.settings),
    ...(row.tenantId === null ? {} : { tenant: row.tenantId }),
    targets: routeTargets(row.targets).filter((target) => upstreamIds.has(target.upstreamId)).map((target) => ({
      upstream: target.upstreamId, ...(target.model === undefined ? {} : { model: target.model }), priority: target.priority, weight: target.weight,
    })),
  };
}

function errorRuleOf(row: SnapshotRows['errorRules'][number]): SnapshotErrorRule {
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
