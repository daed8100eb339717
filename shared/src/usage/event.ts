// Pure. The durable record of one attempt, and the batches in which nodes report it.
import type { QuotaUnit } from '../lease/purse.ts';
import { isServiceName } from '../money/price.ts';
import type { Times } from '../money/price.ts';
import { unitKinds } from '../money/reading.ts';
import type { Units } from '../money/reading.ts';
import { isMillionths } from '../snapshot/snapshot-price.ts';

/** How an attempt ended, for money. */
export type UsageOutcome = 'OK' | 'FAILED' | 'ABORTED' | 'CRASHED';

/** One attempt, minted by the node. Amounts are decimal strings of nano-USD; times are epoch ms. No prompt text. */
export interface UsageEvent {
  id: string;
  exchangeId: string;
  attempt: number;
  seq: number;
  tenantId: string;
  keyId: string;
  campaignId?: string | undefined;
  poolId?: string | undefined;
  upstreamId: string;
  credentialId?: string | undefined;
  modelAsked: string;
  modelUsed: string;
  region: string;
  startedAt: number;
  endedAt: number;
  outcome: UsageOutcome;
  httpStatus?: number | undefined;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  reasoning: number;
  /** What the vendor counted besides tokens of text; its tokens are part of input or output. */
  units?: Units | undefined;
  priceId?: string | undefined;
  /** The grade of service that was asked for, and the one that the vendor says it gave; absent = the usual one, and nothing said. */
  serviceAsked?: string | undefined;
  service?: string | undefined;
  /** Where the prices of long prompts began that counted; absent = the usual ones. */
  fromTokens?: number | undefined;
  /** What multiplied the charge, in millionths. */
  times?: Times | undefined;
  /** What is settled: the charge, at most the reservation when a lease pays. */
  costNano: string;
  reservedNano: string;
  /** What the upstream charges beyond the reservation. */
  excessNano: string;
  /** True when tokens were not reported but bounded. */
  estimated: boolean;
  /** True when no price was known: cost is 0 and must be filled in later. */
  unpriced: boolean;
  leaseId?: string | undefined;
  /** Where the lease is a neighbour's: the loan it was spent from, for the node's own journal. */
  loanId?: string | undefined;
  /** The upper bound of an attempt that went on while nothing covered it: its charge is excess. */
  unheldNano?: string | undefined;
  /** Leases of other purses that it drew on: for the node's own journal, which settles them after a crash. */
  holds?: readonly UsageHold[] | undefined;
  /** What was drawn of each of them, in their order. */
  drawn?: readonly UsageDrawn[] | undefined;
  revision: number;
  /** What the request is for, as its client says it; and the client's conversation. */
  repo?: string | undefined;
  branch?: string | undefined;
  ticket?: string | undefined;
  sessionId?: string | undefined;
}

/** What was set aside on a lease beside the key's dollars, in the unit of its purse. */
export interface UsageHold { leaseId: string; unit: QuotaUnit; amount: string; /** The upper bound where nothing covered it. */ unheld?: string; /** Where the lease is a neighbour's. */ loanId?: string }

/** What became of it: used up to the amount, and beyond it. */
export interface UsageDrawn { spent: string; excess: string }

/** What a node sends: events of one boot with rising seq. The bytes are signed (`fairlead/usage/1`). */
export interface UsageBatch { batchId: string; nodeId: string; bootId: string; events: UsageEvent[] }

/** Why an event could not be applied. */
export type UsageProblem = 'malformed' | 'not-an-amount' | 'times-reversed' | 'unknown-key' | 'seq-reused';

const outcomes = ['OK', 'FAILED', 'ABORTED', 'CRASHED'];

/** The batch in these bytes, its events unchecked; undefined when it is none at all. */
export function readUsageBatch(bytes: Uint8Array): { batchId: string; nodeId: string; bootId: string; events: unknown[] } | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value !== 'object' || value === null || !('events' in value) || !('batchId' in value) || !('nodeId' in value) || !('bootId' in value)) return undefined;
    const { batchId, nodeId, bootId, events } = value;
    if (typeof batchId !== 'string' || typeof nodeId !== 'string' || typeof bootId !== 'string' || !Array.isArray(events)) return undefined;
    return { batchId, nodeId, bootId, events };
  } catch {
    return undefined;
  }
}

/** Checks one event; a problem names what a human must look at. */
export function checkUsageEvent(value: unknown): UsageEvent | UsageProblem {
  if (typeof value !== 'object' || value === null) return 'malformed';
  const event = value as Record<string, unknown>;
  for (const name of ['id', 'exchangeId', 'tenantId', 'keyId', 'upstreamId', 'modelAsked', 'modelUsed', 'region']) {
    const field = event[name];
    if (typeof field !== 'string' || field === '' || field.length > 191) return 'malformed';
  }
  for (const name of ['campaignId', 'poolId', 'credentialId', 'priceId', 'leaseId', 'repo', 'branch', 'ticket', 'sessionId']) {
    if (event[name] !== undefined && (typeof event[name] !== 'string' || event[name].length > 191)) return 'malformed';
  }
  for (const name of ['attempt', 'seq', 'startedAt', 'endedAt', 'revision', 'input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'reasoning']) {
    if (!isCount(event[name])) return 'malformed';
  }
  if (event.httpStatus !== undefined && !isCount(event.httpStatus)) return 'malformed';
  for (const name of ['costNano', 'reservedNano', 'excessNano']) if (typeof event[name] !== 'string' || !/^\d{1,18}$/.test(event[name])) return 'not-an-amount';
  for (const name of ['serviceAsked', 'service']) if (event[name] !== undefined && (typeof event[name] !== 'string' || !isServiceName(event[name]))) return 'malformed';
  if (event.fromTokens !== undefined && !isCount(event.fromTokens)) return 'malformed';
  if (!isRecord(event.units, unitKinds, isCount) || !isRecord(event.times, timesOf, isMillionths)) return 'malformed';
  if (!outcomes.includes(String(event.outcome)) || typeof event.estimated !== 'boolean' || typeof event.unpriced !== 'boolean') return 'malformed';
  if (Number(event.endedAt) < Number(event.startedAt)) return 'times-reversed';
  return event as unknown as UsageEvent;
}

const timesOf = ['upstream', 'tenant', 'key'];

/** Whether a value is absent, or an object of these names only, each with a sound value. */
function isRecord(value: unknown, names: readonly string[], isSound: (inner: unknown) => boolean): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.entries(value).every(([name, inner]) => names.includes(name) && isSound(inner));
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
