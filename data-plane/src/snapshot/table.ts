import { compileErrorRules } from '@fairlead/shared/faults/error-rule.ts';
import type { ErrorRule } from '@fairlead/shared/faults/error-rule.ts';
import { compilePrices } from '@fairlead/shared/snapshot/price-book.ts';
import type { PriceBook } from '@fairlead/shared/snapshot/price-book.ts';
import { compileRoutes } from '@fairlead/shared/plan/plan.ts';
import type { CompiledRoute } from '@fairlead/shared/plan/plan.ts';
import type { RuleNames } from '@fairlead/shared/plan/rule-shape.ts';
import type { SnapshotFrame, SnapshotKey, SnapshotLists, SnapshotModel, SnapshotTenant, SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import { compileStanding } from '@fairlead/shared/snapshot/key-row.ts';
import type { Standing } from '@fairlead/shared/snapshot/key-row.ts';
import type { KeyIndex } from './key-index.ts';

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

/** What checked lists become; what came from a list that has not changed is taken from `before`. */
export interface CompiledLists extends Pick<RoutingTable, 'tenants' | 'upstreams' | 'routes' | 'ruleNames' | 'models' | 'errorRules' | 'prices'> { lists: SnapshotLists; standing: Standing }

/** Compiles lists that were checked. */
export function compileLists(lists: SnapshotLists, before?: CompiledLists): CompiledLists {
  const kept = before?.lists.routes === lists.routes ? { routes: before.routes, ruleNames: before.ruleNames } : routing(lists);
  const same = (...names: (keyof SnapshotLists)[]) => (before && names.every((name) => before.lists[name] === lists[name]) ? before : undefined);
  return {
    lists,
    upstreams: lists.upstreams,
    tenants: same('tenants')?.tenants ?? new Map(lists.tenants.map((tenant) => [tenant.id, tenant])),
    models: same('models')?.models ?? new Map(lists.models.map((model) => [model.name.toLowerCase(), model])),
    errorRules: same('errorRules')?.errorRules ?? compileErrorRules(lists.errorRules),
    prices: same('prices', 'multipliers')?.prices ?? compilePrices(lists.prices, lists.multipliers),
    standing: same('purses', 'pools')?.standing ?? compileStanding(lists),
    ...kept,
  };
}

function routing(lists: SnapshotLists): Pick<RoutingTable, 'routes' | 'ruleNames'> {
  const routes = compileRoutes(lists.routes);
  // A tenant's own routes and the operator's: another tenant's rule makes nothing of its requests be kept.
  const byTenant = Map.groupBy(routes, ({ route }) => route.tenant);
  const common = byTenant.get(undefined) ?? [];
  const everyones = ruleNamesOf(common);
  const ruleNames = new Map([...byTenant].map(([tenant, own]) => [tenant, ruleNamesOf([...common, ...own])]));
  return { routes, ruleNames: (tenant) => ruleNames.get(tenant) ?? everyones };
}

/** The table of one revision. */
export function createTable(frame: SnapshotFrame, compiled: CompiledLists, keys: KeyIndex): RoutingTable {
  const { tenants, upstreams, routes, ruleNames, models, errorRules, prices } = compiled;
  return {
    revision: frame.revision, fleet: frame.fleet, issuedAtMs: frame.issuedAt, secretEpoch: frame.secretEpoch, hardStaleMs: frame.hardStaleSeconds * 1000, publicUrl: frame.publicUrl,
    tenants, upstreams, routes, ruleNames, models, errorRules, prices,
    keyByDigest: (digest) => keys.find(digest),
  };
}

function ruleNamesOf(routes: readonly CompiledRoute[]): RuleNames {
  const rules = routes.flatMap(({ rule }) => (rule === undefined || 'problem' in rule ? [] : [rule.names]));
  return { headers: [...new Set(rules.flatMap(({ headers }) => headers))], body: [...new Set(rules.flatMap(({ body }) => body))] };
}
