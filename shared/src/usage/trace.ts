// Pure. What an exchange left for people to read. Bounded, and may be dropped with the drops counted.
import type { Units } from '../money/charge.ts';
import type { AskFacts } from '../plan/ask-facts.ts';

/** One candidate of a plan, with why it was taken or left. */
export interface TraceCandidate { upstreamId: string; upstream: string; model: string; chosen: boolean; reason: string }

/** One attempt as people see it. */
export interface TraceAttempt { attempt: number; upstreamId: string; upstream: string; model: string; dialect: string; outcome: string; /** Why it was made, when it was not the first: failover, retry, hedge, repair. */ why?: string; status?: number; startedAt: number; ttftMs?: number; durationMs: number; detail?: string; losses?: readonly string[]; /** What the vendor counted besides tokens of text. */ units?: Units }

/** The decision chain of one exchange: epoch ms, no prompt text, no secret. */
export interface ExchangeTrace {
  exchangeId: string;
  tenantId: string;
  keyId: string;
  startedAt: number;
  endedAt: number;
  dialect: string;
  model: string;
  stream: boolean;
  status: number;
  outcome: 'OK' | 'FAILED' | 'ABORTED' | 'REFUSED';
  faultCode?: string | undefined;
  ttftMs?: number | undefined;
  client?: string | undefined;
  sessionId?: string | undefined;
  /** What the request is for, as its client says it, and what was done to what it said. */
  repo?: string | undefined;
  branch?: string | undefined;
  ticket?: string | undefined;
  notes?: readonly string[] | undefined;
  revision: number;
  route?: string | undefined;
  /** Answered without a call, from what this key had paid for already. */
  recalled?: 'replay' | undefined;
  /** What routing looked at, to plan it again later. */
  ask?: AskFacts | undefined;
  /** Routes that were looked at and did not fit, with why. */
  passedOver?: { route: string; reason: string }[] | undefined;
  candidates: TraceCandidate[];
  attempts: TraceAttempt[];
}

/** Refusals that have no tenant (unknown keys …), counted by minute and code. */
export interface RefusalCount { minute: number; code: string; count: number }

/** What a node sends; signed (`fairlead/traces/1`). */
export interface TraceBatch { nodeId: string; bootId: string; traces: ExchangeTrace[]; refusals: RefusalCount[]; dropped: number }
