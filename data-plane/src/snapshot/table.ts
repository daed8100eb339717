import { compileErrorRules } from '@fairlead/shared/faults/error-rule.ts';
import type { ErrorRule } from '@fairlead/shared/faults/error-rule.ts';
import { compilePrices } from '@fairlead/shared/snapshot/price-book.ts';
import type { PriceBook } from '@fairlead/shared/snapshot/price-book.ts';
import { compileRoutes } from '@fairlead/shared/plan/plan.ts';
import type { CompiledRoute } from '@fairlead/shared/plan/plan.ts';
import type { RuleNames } from '@fairlead/shared/plan/rule-shape.ts';
import type { Snapshot, SnapshotKey, SnapshotModel, SnapshotTenant, SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';

/** A Snapshot compiled for use: indexes, nothing to parse on a request. */
export interface RoutingTable {
  readonly revision: number;
  readonly fleet: string;
  readonly issuedAtMs: number;
  readonly secretEpoch: number;
  readonly hardStaleMs: number;
  readonly publicUrl: string;
  readonly tenants: ReadonlyMap<string, SnapshotTenant>;
  readonly upstreams: readonly SnapshotUpstream[];
  /** By position, their conditions ready to be asked. */
  readonly routes: readonly CompiledRoute[];
  /** What the conditions that count for a tenant read of headers and bodies; nothing else of them is kept. */
  ruleNames(tenant: string): RuleNames;
  readonly models: ReadonlyMap<string, SnapshotModel>;
  readonly errorRules: readonly ErrorRule[];
  keyByDigest(digest: string): SnapshotKey | undefined;
  readonly prices: PriceBook;
}

/** Compiles a checked snapshot. */
export function compileTable(snapshot: Snapshot): RoutingTable {
  const keys = new Map(snapshot.keys.map((key) => [key.digest, key]));
  const routes = compileRoutes(snapshot.routes);
  // A tenant's own routes and the operator's: another tenant's rule makes nothing of its requests be kept.
  const byTenant = Map.groupBy(routes, ({ route }) => route.tenant);
  const common = byTenant.get(undefined) ?? [];
  const everyones = ruleNamesOf(common);
  const ruleNames = new Map([...byTenant].map(([tenant, own]) => [tenant, ruleNamesOf([...common, ...own])]));
  return {
    revision: snapshot.revision,
    fleet: snapshot.fleet,
    issuedAtMs: snapshot.issuedAt,
    secretEpoch: snapshot.secretEpoch,
    hardStaleMs: snapshot.hardStaleSeconds * 1000,
    publicUrl: snapshot.publicUrl,
    tenants: new Map(snapshot.tenants.map((tenant) => [tenant.id, tenant])),
    upstreams: snapshot.upstreams,
    routes,
    ruleNames: (tenant) => ruleNames.get(tenant) ?? everyones,
    models: new Map(snapshot.models.map((model) => [model.name.toLowerCase(), model])),
    errorRules: compileErrorRules(snapshot.errorRules ?? []),
    keyByDigest: (digest) => keys.get(digest),
    prices: compilePrices(snapshot.prices, snapshot.multipliers),
  };
}

function ruleNamesOf(routes: readonly CompiledRoute[]): RuleNames {
  const rules = routes.flatMap(({ rule }) => (rule === undefined || 'problem' in rule ? [] : [rule.names]));
  return { headers: [...new Set(rules.flatMap(({ headers }) => headers))], body: [...new Set(rules.flatMap(({ body }) => body))] };
}
