// Pure. What a node is told; `read-snapshot.ts` checks it.
import type { QuotaUnit } from '../lease/purse.ts';
import type { DialectName } from '../wire/dialect-name.ts';
import type { SnapshotMultiplier, SnapshotPrice } from './snapshot-price.ts';

export type { DialectName } from '../wire/dialect-name.ts';
export type { MultiplierSubject, SnapshotMultiplier, SnapshotPrice } from './snapshot-price.ts';
export { DIALECT_NAMES as dialectNames } from '../wire/dialect-name.ts';

/** The version of this schema; a node refuses a higher one and keeps what it has. */
export const snapshotSchema = 5;

/** The one group of nodes there is; heads and manifests name it, so that none can be shown to another. */
export const nodeGroup = 'all';

/** How a credential is presented to an upstream. */
export const upstreamAuths = ['BEARER', 'X_API_KEY', 'X_GOOG_API_KEY', 'API_KEY', 'QUERY_KEY', 'SIGV4', 'SERVICE_ACCOUNT', 'NONE'] as const;
export type UpstreamAuth = (typeof upstreamAuths)[number];

/** How addresses are made where a vendor's differ from its dialect's own. UNVERSIONED: paths have no `/v1`. */
export const addressings = ['AZURE_OPENAI', 'BEDROCK', 'VERTEX', 'UNVERSIONED'] as const;
export type Addressing = (typeof addressings)[number];

/** What a request may need and a model or an upstream may lack. */
export const capabilities = ['tools', 'images', 'thinking', 'web-search'] as const;
export type Capability = (typeof capabilities)[number];

/** The kinds of work that coding agents send, the most telling first. */
export const scenarios = ['image', 'long-context', 'web-search', 'subagent', 'background', 'think', 'default'] as const;
export type Scenario = (typeof scenarios)[number];

/** What orders the candidates of one priority. */
export const rankings = ['PRIORITY', 'PRICE', 'EFFECTIVE_PRICE', 'LATENCY', 'BALANCE', 'ACCOUNT_LEFT', 'ACCOUNT_RESET'] as const;
export type Ranking = (typeof rankings)[number];

/** When a session that failed over goes back to where it came from. */
export const returnPolicies = ['STAY', 'WHEN_COLD', 'WHEN_CHEAPER'] as const;
export type ReturnPolicy = (typeof returnPolicies)[number];

/** What a client that leaves is charged: what is known plus an estimate, or only what the upstream had reported. */
export const abortPolicies = ['ESTIMATED', 'REPORTED'] as const;
export type AbortPolicy = (typeof abortPolicies)[number];

/** What pays for a key. */
export type FundingKind = 'POOL' | 'WALLET' | 'OWN_PROVIDER' | 'TENANT_BUDGET';

/** What a snapshot is beside its keys and lists; the manifest says it. Times are epoch ms. */
export interface SnapshotFrame {
  schema: number;
  fleet: string;
  group: string;
  revision: number;
  issuedAt: number;
  /** The epoch of the group key under which credentials are sealed. */
  secretEpoch: number;
  /** After this age without news a node stops serving; 0 = never. */
  hardStaleSeconds: number;
  /** Where people claim keys and read what happened; printed in refusals. */
  publicUrl: string;
}

/** What a node is told beside its keys. Money is a decimal string of nano-USD. */
export interface SnapshotLists {
  tenants: SnapshotTenant[];
  upstreams: SnapshotUpstream[];
  models: SnapshotModel[];
  /** Those that count and those that will. */
  prices: SnapshotPrice[];
  multipliers: SnapshotMultiplier[];
  routes: SnapshotRoute[];
  errorRules: SnapshotErrorRule[];
  /** What quotas bind many keys at once; those of single keys, upstreams and credentials are said where these are. */
  purses: SnapshotPurse[];
  /** Those that do not pay now. */
  pools: SnapshotPool[];
}

/** A subject that quotas bind in one unit. `goesOn`: all of them let nodes go on without a lease while the control plane cannot be reached. */
export interface SnapshotPurse { kind: (typeof purseKinds)[number]; id: string; unit: QuotaUnit; goesOn?: true }

/** Whose quotas bind many keys at once. */
export const purseKinds = ['TENANT', 'MEMBER', 'CAMPAIGN', 'POOL', 'WALLET'] as const;

/** A pool whose keys are paused with it. */
export interface SnapshotPool { id: string; status: 'PAUSED' }

/** How fast, and how many at once; what is absent is not limited. */
export interface Paces {
  requestsPerMinute?: number;
  /** Tokens of input and output; what is read from a prompt cache does not count. */
  tokensPerMinute?: number;
  /** The most requests at once. */
  concurrent?: number;
}

export interface SnapshotTenant extends Paces {
  id: string;
  status: 'ACTIVE' | 'SUSPENDED';
  /** Model names (with `*`) its keys may ask for; absent = all. */
  models?: string[];
}

/** A key as a node serves it, with what holds for its tenant, member, campaign and pool. */
export interface SnapshotKey extends Paces {
  id: string;
  tenant: string;
  status: 'ACTIVE' | 'PAUSED' | 'REVOKED';
  funding: FundingKind;
  campaign?: string;
  pool?: string;
  expiresAt?: number;
  /** Model names (with `*`) it may ask for; absent = all. */
  models?: string[];
  maxOutputTokens?: number;
  /** The most sessions at once; one counts until it has been idle for five minutes. */
  sessions?: number;
  /** Clients (with `*`) it may be used with, by the names that the request log shows; absent = any. */
  clients?: string[];
  /** What people call it, for rules. */
  name?: string;
  /** Words that rules may ask for. */
  tags?: string[];
  /** Streams that its clients leave are kept and replayed to the same request. */
  replay?: boolean;
  /** True when at least one quota of dollars binds it: it then spends only from leases. */
  leased: boolean;
  /** Other units in which quotas bind it; absent = none. */
  purses?: QuotaUnit[];
  /** Those of these units, dollars included, in which it goes on without a lease while the control plane cannot be reached; absent = in none. */
  goesOn?: QuotaUnit[];
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
  /** Base URLs of dialects that the vendor serves apart. */
  baseUrls?: Partial<Record<DialectName, string>>;
  addressing?: Addressing;
  /** Named adjustments of requests, in order; `shared/src/transformers` describes them. */
  quirks?: string[];
  /** Headers that every call carries. */
  headers?: Record<string, string>;
  /** How many times longer than usual it may take; absent = 1. */
  patience?: number;
  /** Absent = ESTIMATED. */
  onAbort?: AbortPolicy;
  /** Absent = nothing. */
  lacks?: Capability[];
  /** Units in which quotas bind it: calls to it are then made from leases of its own. Absent = none. */
  purses?: QuotaUnit[];
  /** Those of these units, dollars included, in which it goes on without a lease while the control plane cannot be reached; absent = in none. */
  goesOn?: QuotaUnit[];
}

export interface SnapshotCredential {
  id: string;
  version: number;
  priority: number;
  weight: number;
  requestsPerMinute?: number;
  /** Calls at once. */
  concurrent?: number;
  /** The share of the vendor's own limit, in percent, from which the next credential is preferred; absent = 90. */
  spillAtPercent?: number;
  /** What its account holds; absent = not known, or not lately. */
  balance?: SnapshotBalance;
  /** Units in which quotas bind it; absent = none. */
  purses?: QuotaUnit[];
  /** Those of these units, dollars included, in which it goes on without a lease while the control plane cannot be reached; absent = in none. */
  goesOn?: QuotaUnit[];
  /** AES-256-GCM under the group key; AAD = `credentialAad`. */
  sealed: string;
}

/** What a vendor's account holds, roughly: `left` is a decimal number of `unit`, which is a currency or TOKENS, REQUESTS, PERCENT; `resetsAt` is when it is filled again, in epoch ms. */
export interface SnapshotBalance { left: string; unit: string; resetsAt?: number }

export interface SnapshotModel { name: string; displayName: string; vendor?: string; contextTokens?: number; maxOutputTokens?: number; lacks?: Capability[] }

export interface SnapshotRoute {
  id: string;
  tenant?: string;
  name: string;
  position: number;
  /** Model names with `*`; empty = every model. */
  models: string[];
  targets: { upstream: string; model?: string; priority: number; weight: number }[];
  /** Only this kind of work; absent = any. */
  scenario?: Scenario;
  /** A condition in the rule language (CEL); absent = always. */
  when?: string;
  /** Absent = PRIORITY. */
  rank?: Ranking;
  /** A second upstream is asked when no content has come after this long; absent = never. */
  hedgeAfterMs?: number;
  /** Streams that clients leave are kept and replayed to the same request. */
  replay?: boolean;
  /** A request that a conversion cannot carry whole is not sent. */
  strict?: boolean;
  /** How long a session stays with its upstream while idle; absent = 300, 0 = not at all. */
  stickySeconds?: number;
  /** Absent = WHEN_COLD. */
  returns?: ReturnPolicy;
}

/** What an upstream's error means, or what the client is told of it. The first that fits counts. */
export interface SnapshotErrorRule {
  id: string;
  tenant?: string;
  name: string;
  position: number;
  /** Only for this upstream; absent = all. */
  upstream?: string;
  /** Statuses; absent = all. */
  statuses?: number[];
  /** A regular expression (RE2 syntax) over the error's text; absent = any text. */
  pattern?: string;
  /** The class it counts as; absent = as classified. One of the outcomes of `attempt/classify.ts`. */
  outcome?: string;
  /** What the client reads instead. */
  say?: string;
  /** The status the client sees instead. */
  status?: number;
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
