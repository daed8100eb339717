// Pure. The durable record of one attempt, and the batches in which nodes report it.

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
  priceId?: string | undefined;
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
  revision: number;
}

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
  for (const name of ['campaignId', 'poolId', 'credentialId', 'priceId', 'leaseId']) {
    if (event[name] !== undefined && (typeof event[name] !== 'string' || event[name].length > 191)) return 'malformed';
  }
  for (const name of ['attempt', 'seq', 'startedAt', 'endedAt', 'revision', 'input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'reasoning']) {
    if (!isCount(event[name])) return 'malformed';
  }
  if (event.httpStatus !== undefined && !isCount(event.httpStatus)) return 'malformed';
  for (const name of ['costNano', 'reservedNano', 'excessNano']) if (typeof event[name] !== 'string' || !/^\d{1,18}$/.test(event[name])) return 'not-an-amount';
  if (!outcomes.includes(String(event.outcome)) || typeof event.estimated !== 'boolean' || typeof event.unpriced !== 'boolean') return 'malformed';
  if (Number(event.endedAt) < Number(event.startedAt)) return 'times-reversed';
  return event as unknown as UsageEvent;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
