// Pure: rows and sealed credentials in, a snapshot out. Equal rows give equal bytes.
import { snapshotSchema } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Snapshot, SnapshotCredential, SnapshotErrorRule, SnapshotKey, SnapshotPrice, SnapshotRoute, SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import { errorMatch, errorOutcome } from '../domain/error-rules/stored.ts';
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
  const bound = new Set(rows.quotas.map((quota) => `${quota.subjectKind}:${quota.subjectId}`));
  const upstreamIds = new Set(rows.upstreams.map((upstream) => upstream.id));
  return {
    schema: snapshotSchema,
    ...frame,
    hardStaleSeconds: 0,
    tenants: rows.tenants.map((tenant) => ({ id: tenant.id, status: tenant.status === 'SUSPENDED' ? 'SUSPENDED' : 'ACTIVE' })),
    keys: rows.keys.map((row) => keyOf(row, rows, bound)),
    upstreams: rows.upstreams.map((row) => upstreamOf(row, sealed)),
    models: rows.models.map((row) => ({
      name: row.name, displayName: row.displayName,
      ...(row.vendor === null ? {} : { vendor: row.vendor }),
      ...(row.contextTokens === null ? {} : { contextTokens: row.contextTokens }),
      ...(row.maxOutputTokens === null ? {} : { maxOutputTokens: row.maxOutputTokens }),
      ...(row.lacks === null ? {} : { lacks: readCapabilities(row.lacks) }),
    })),
    prices: newestPrices(rows.prices),
    routes: rows.routes.map((row) => routeOf(row, upstreamIds)),
    errorRules: rows.errorRules.filter((row) => row.upstreamId === null || upstreamIds.has(row.upstreamId)).map(errorRuleOf),
  };
}

function keyOf(row: SnapshotRows['keys'][number], rows: SnapshotRows, bound: ReadonlySet<string>): SnapshotKey {
  const models = textList(row.models);
  const tags = textList(row.tags);
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
    ...(row.requestsPerMinute === null ? {} : { requestsPerMinute: row.requestsPerMinute }),
    name: row.name,
    ...(tags === undefined ? {} : { tags }),
    ...(row.replay ? { replay: true } : {}),
    leased: bound.has(`KEY:${row.id}`) || bound.has(`TENANT:${row.tenantId}`) || (row.funding === 'POOL' && row.poolId !== null && bound.has(`POOL:${row.poolId}`)),
  };
}

function upstreamOf(row: SnapshotRows['upstreams'][number], sealed: SealedCredentials): SnapshotUpstream {
  const models = modelMap(row.models);
  return {
    id: row.id, name: row.name, baseUrl: row.baseUrl, dialects: dialectsOf(row.dialects), auth: authOf(row.auth),
    ...(row.tenantId === null ? {} : { tenant: row.tenantId }),
    ...(models === undefined ? {} : { models }),
    priority: row.priority, weight: row.weight, status: row.status === 'PAUSED' ? 'PAUSED' : 'ACTIVE',
    credentials: row.credentials.flatMap((credential) => {
      const text = sealed.get(credential.id);
      return text === undefined ? [] : [credentialOf(credential, text)];
    }),
    ...readUpstreamSettings(row.settings),
  };
}

function credentialOf(row: SnapshotRows['upstreams'][number]['credentials'][number], sealed: string): SnapshotCredential {
  return {
    id: row.id, version: row.version, priority: row.priority, weight: row.weight,
    ...(row.requestsPerMinute === null ? {} : { requestsPerMinute: row.requestsPerMinute }),
    ...(row.concurrent === null ? {} : { concurrent: row.concurrent }),
    ...(row.spillAtPercent === null ? {} : { spillAtPercent: row.spillAtPercent }),
    sealed,
  };
}

/** Of each model and upstream the last row counts; rows come in the order in which they took effect. */
function newestPrices(rows: SnapshotRows['prices']): SnapshotPrice[] {
  const newest = new Map<string, SnapshotRows['prices'][number]>();
  for (const row of rows) newest.set(`${row.modelName}\n${row.upstreamId ?? ''}`, row);
  return [...newest.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map((row) => ({
    id: row.id, model: row.modelName, ...(row.upstreamId === null ? {} : { upstream: row.upstreamId }),
    inputNano: String(row.inputNano), outputNano: String(row.outputNano), cacheReadNano: String(row.cacheReadNano),
    cacheWrite5mNano: String(row.cacheWrite5mNano), cacheWrite1hNano: String(row.cacheWrite1hNano),
  }));
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
