// Pure. The decision chain of an exchange as it is stored and read.
import { unitKinds, type UnitKind } from '@fairlead/shared/money/charge.ts';
import type { ExchangeTrace } from '@fairlead/shared/usage/trace.ts';
import { beginning } from '../json.ts';
import { textList } from '../upstreams/stored.ts';

/** One upstream that was considered. */
export interface DecisionCandidate { upstream: string; upstreamId: string; model: string; chosen: boolean; reason: string }

/** One call to an upstream. */
export interface DecisionAttempt { attempt: number; upstreamId: string; upstream: string; model: string; dialect: string; outcome: string; status: number | null; ttftMs: number | null; durationMs: number; detail: string | null; losses: string[]; /** What the vendor counted besides tokens of text. */ units: { kind: string; count: number }[]; /** Ms after the exchange began; null when that is unknown. */ startedMs: number | null; /** first, failover, retry, hedge or repair. */ why: string }

/** A route that was looked at and did not fit. */
export interface PassedOver { route: string; reason: string }

/** Why an exchange went where it went. */
export interface Decision { route: string | null; revision: number; recalled: string | null; passedOver: PassedOver[]; candidates: DecisionCandidate[]; attempts: DecisionAttempt[]; /** What was done to what the client said. */ notes: string[] }

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null);
const whole = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : 0);
const wholeOrNull = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : null);

/** The decision in a stored column; null when there is none. */
export function readDecision(value: unknown): Decision | null {
  if (!isFields(value)) return null;
  const fields = value;
  return {
    route: textOrNull(fields.route), revision: whole(fields.revision), recalled: textOrNull(fields.recalled),
    passedOver: rows(fields.passedOver).map((row) => ({ route: text(row.route), reason: text(row.reason) })),
    candidates: rows(fields.candidates).map((row) => ({ upstream: text(row.upstream), upstreamId: text(row.upstreamId), model: text(row.model), chosen: row.chosen === true, reason: text(row.reason) })),
    attempts: rows(fields.attempts).map((row) => ({
      attempt: whole(row.attempt), upstreamId: text(row.upstreamId), upstream: text(row.upstream), model: text(row.model), dialect: text(row.dialect), outcome: text(row.outcome), status: wholeOrNull(row.status),
      ttftMs: wholeOrNull(row.ttftMs), durationMs: whole(row.durationMs), detail: textOrNull(row.detail), losses: textList(row.losses) ?? [], units: unitsIn(row.units),
      startedMs: wholeOrNull(row.startedMs), why: text(row.why) || 'first',
    })),
    notes: textList(fields.notes) ?? [],
  };
}

/** What is stored of a trace's decision: the known fields only, with a bound on each. */
export function decisionOf(trace: ExchangeTrace) {
  const attempts = trace.attempts.map((row) => ({ ...row, startedMs: Math.max(0, row.startedAt - trace.startedAt) }));
  const decision = readDecision({ ...trace, attempts, route: trace.route ?? null, recalled: trace.recalled ?? null });
  const short = (value: string, most = 300) => beginning(value, most);
  return {
    route: decision?.route ? short(decision.route) : null, revision: decision?.revision ?? 0, recalled: decision?.recalled ? short(decision.recalled, 20) : null,
    passedOver: (decision?.passedOver ?? []).slice(0, 20).map((row) => ({ route: short(row.route), reason: short(row.reason) })),
    candidates: (decision?.candidates ?? []).slice(0, 50).map((row) => ({ ...row, reason: short(row.reason) })),
    attempts: (decision?.attempts ?? []).slice(0, 20).map((row) => ({ ...row, detail: row.detail === null ? null : short(row.detail), losses: row.losses.slice(0, 20).map((loss) => short(loss)) })),
    notes: (decision?.notes ?? []).slice(0, 10).map((note) => short(note)),
  };
}

/** Units as a node writes them, by kind, or as they are stored, in a list. */
function unitsIn(value: unknown): { kind: string; count: number }[] {
  const told = (kind: UnitKind): unknown => (isFields(value) ? value[kind] : rows(value).find((row) => row.kind === kind)?.count);
  return unitKinds.map((kind) => ({ kind, count: whole(told(kind)) })).filter(({ count }) => count > 0);
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rows(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
