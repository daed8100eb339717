// Pure. What planning takes and gives.
import type { Price, Times } from '../money/price.ts';
import type { DialectName, ReturnPolicy, SnapshotModel, SnapshotRoute, SnapshotUpstream } from '../snapshot/snapshot.ts';
import type { AskFacts } from './ask-facts.ts';
import type { CredentialChoice } from './credentials.ts';
import type { Wanted } from './explicit.ts';
import type { HealthView } from './health-report.ts';
import type { CompiledRule, RuleProblem } from './rule.ts';

/** One way to serve a request: where, as which model, in which dialect. */
export interface Choice { upstream: SnapshotUpstream; model: string; dialect: DialectName; priority: number; weight: number; reason: string }

/** A choice with what calling it takes: its credentials in order, and its price where one is known. */
export interface PlannedChoice extends Choice { credentials: CredentialChoice[]; price: Price | undefined; /** What multiplies its charges; absent = nothing. */ times?: Times | undefined }

/** An upstream that was left out, and why. */
export interface LeftOut { upstream: SnapshotUpstream; reason: string }

/** A route with its condition ready to be asked. */
export interface CompiledRoute { route: SnapshotRoute; rule: CompiledRule | RuleProblem | undefined }

/** Where a session was last served, as planning sees it: a nomination, to which every filter still applies. */
export interface Binding {
  upstream: string;
  /** As it was sent. */
  model: string;
  credential: string;
  /** The upstream it failed over from, while it has not gone back. */
  from?: string;
  lastUsedMs: number;
  /** Input tokens that the upstream is believed to keep in its prompt cache. */
  cacheTokens: number;
}

/** Who asks. */
export interface PlanPrincipal { tenant: string; key: { id: string; name?: string; tags?: readonly string[]; models?: readonly string[] } }

/** Everything that planning may use: plain data and lookups in it. The same input gives the same plan. */
export interface PlanInput {
  ask: AskFacts;
  principal: PlanPrincipal;
  /** Model names (with `*`) that the tenant's keys may ask for; absent = all. */
  tenantModels?: readonly string[] | undefined;
  /** In order of position, their conditions compiled. */
  routes: readonly CompiledRoute[];
  upstreams: readonly SnapshotUpstream[];
  modelOf: (name: string) => SnapshotModel | undefined;
  priceOf: (model: string, upstreamId: string, atMs: number) => Price | undefined;
  /** What multiplies the charges of a key at an upstream. */
  timesOf?: ((upstreamId: string, tenantId: string, keyId: string) => Times | undefined) | undefined;
  /** True when a budget must cover the request, so that what has no price cannot serve it. */
  needsPrice: boolean;
  health: HealthView;
  nowMs: number;
  /** What decides between equals, such as the exchange's id. */
  seed: string;
  binding?: Binding | undefined;
  canConvert: (from: DialectName, to: DialectName) => boolean;
}

/** How a session holds on to its upstream. */
export interface Sticky {
  /** How long it stays while idle; 0 = not at all. */
  seconds: number;
  returns: ReturnPolicy;
  /** The upstream that would come first if all were well: where a session that starts elsewhere goes back to. */
  home?: string;
  /** What was made of the binding; absent when there was none. */
  said?: string;
}

/** Why nothing may be planned at all, in words for the caller. */
export interface PlanProblem { kind: 'unknown-upstream' | 'upstream-cannot' | 'model-not-allowed' | 'no-model'; say: string }

/** Ordered choices with reasons, and what was left out or passed over. */
export interface RoutingPlan {
  wanted: Wanted;
  route: SnapshotRoute | undefined;
  choices: PlannedChoice[];
  leftOut: LeftOut[];
  /** Routes before the one that decided, with why they did not fit. */
  passedOver: { route: SnapshotRoute; reason: string }[];
  sticky: Sticky;
  problem?: PlanProblem;
}
