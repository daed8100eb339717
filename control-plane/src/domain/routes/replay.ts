// What a draft of routes would have done with the requests of the last hours: planned again with the facts that were kept.
import type { Tx } from '@fairlead/prisma';
import { chargeOf, noReading } from '@fairlead/shared/money/charge.ts';
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import type { Unset } from '../check.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import type { Result } from '../problem.ts';
import { readAskFacts } from '../usage/ask-facts.ts';
import { readDecision } from '../usage/decision.ts';
import { visibleExchanges } from '../usage/exchanges.ts';
import type { RoutesDraft } from './draft.ts';
import { noHealth, openPlanning } from './planning.ts';
import type { Planning } from './planning.ts';
import { principalOf } from './simulate.ts';

/** Which requests, against which draft. */
export interface RouteReplayInput { draft: RoutesDraft; hours: number; limit?: number | Unset }

/** A model of an upstream; null when nobody served the request. */
export interface Place { upstreamId: string; upstream: string; model: string }

/** Requests that went from one place and would go to another. */
export interface Move { from: Place | null; to: Place | null; count: number; costNano: bigint; newCostNano: bigint; unpriced: number; ttftMs: number | null; newTtftMs: number | null; failureShare: number | null; newFailureShare: number | null }

/** A request that nobody could serve with the draft. */
export interface Unserved { exchangeId: string; model: string; reason: string }

/** What the draft would have done. Money counts the recorded tokens; those that no new price is known for are left out of both sums. */
export interface Replay { considered: number; withoutFacts: number; moved: number; moves: Move[]; unserved: number; unservedExamples: Unserved[]; costNano: bigint; newCostNano: bigint; unpriced: number; whole: boolean }

const mostHours = 168;
const mostExchanges = 20_000;
const usualExchanges = 5_000;
const batch = 500;
const deadlineMs = 20_000;
const mostMoves = 200;
const mostExamples = 20;

interface Seen { id: string; facts: AskFacts; tenantId: string; keyId: string; startedMs: number; from: Place | null; costNano: bigint; tokens: { input: number; output: number; cacheRead: number; cacheWrite: number } }

/** How a model of an upstream did in the recorded time. */
interface Record { ttftSum: number; ttftCount: number; attempts: number; failed: number }

/** Plans the recorded requests again with a draft and tells the difference. Nothing is called and nothing is stored. */
export async function replayRoutes(domain: Domain, actor: Actor, input: RouteReplayInput, leaving?: AbortSignal): Promise<Result<Replay>> {
  const member = requireMember(actor, 'routes:read');
  requireMember(actor, 'upstreams:read');
  const checks = new Checks();
  const hours = checks.count(input.hours, ['hours'], 1, mostHours) ?? 24;
  const limit = checks.count(input.limit, ['limit'], 1, mostExchanges) ?? usualExchanges;
  const until = performance.now() + deadlineMs;
  try {
    const nowMs = domain.clock.now();
    const planning = await domain.db.transaction((tx) => openPlanning(tx, checks, member, input.draft, nowMs), { timeoutMs: 15_000 });
    const { seen, records, withoutFacts, whole } = await readSeen(domain, actor, planning, { since: new Date(nowMs - hours * 3_600_000), limit, mayGoOn: () => performance.now() < until && !leaving?.aborted });
    const principals = await principalsOf(domain.db.client, seen);
    const tally = createTally(planning, records);
    let planned = 0;
    for (const one of seen) {
      if (planned % batch === 0) {
        if (performance.now() >= until || leaving?.aborted) break;
        // Others want to be answered meanwhile.
        await new Promise<void>((resolve) => { setImmediate(resolve); });
      }
      const plan = planning.plan({ ask: one.facts, principal: principals.get(one.keyId) ?? principalOf(undefined, one.tenantId, one.keyId), needsPrice: false, nowMs: one.startedMs, seed: one.id, health: noHealth });
      const first = plan.choices[0];
      tally.add(one, first ? { upstreamId: first.upstream.id, upstream: first.upstream.name, model: first.model } : null, plan.problem?.say ?? plan.leftOut.map(({ upstream, reason }) => `${upstream.name}: ${reason}`).join('; '));
      planned++;
    }
    return { ok: true, value: { ...tally.done(), considered: planned, withoutFacts, whole: whole && planned === seen.length }, warnings: [] };
  } catch (cause) {
    if (cause instanceof Refused) return { ok: false, problems: cause.problems };
    throw cause;
  }
}

async function readSeen(domain: Domain, actor: Actor, planning: Planning, at: { since: Date; limit: number; mayGoOn: () => boolean }) {
  const seen: Seen[] = [];
  const records = new Map<string, Record>();
  let withoutFacts = 0;
  let before: string | undefined;
  let whole = true;
  for (;;) {
    const rows = await domain.db.client.exchange.findMany({
      where: { AND: [visibleExchanges(actor, { since: at.since }), before === undefined ? {} : { id: { lt: before } }] }, orderBy: { id: 'desc' }, take: batch,
      select: { id: true, tenantId: true, keyId: true, startedAt: true, upstreamId: true, upstreamModel: true, ttftMs: true, decision: true, ask: true, costNano: true, inputTokens: true, outputTokens: true, cacheReadTokens: true, cacheWriteTokens: true },
    });
    for (const row of rows) {
      const upstreamId = row.upstreamId;
      const from = upstreamId === null || row.upstreamModel === null ? null : { upstreamId, upstream: planning.upstreamName(upstreamId) ?? 'a provider that is gone', model: row.upstreamModel };
      for (const attempt of readDecision(row.decision)?.attempts ?? []) note(records, placeName({ upstreamId: attempt.upstreamId, model: attempt.model }), attempt);
      const facts = readAskFacts(row.ask);
      if (!facts) { withoutFacts++; continue; }
      if (facts.does !== 'generate') continue;
      seen.push({
        id: row.id, facts, tenantId: row.tenantId, keyId: row.keyId, startedMs: row.startedAt.getTime(), from, costNano: row.costNano,
        tokens: { input: Number(row.inputTokens), output: Number(row.outputTokens), cacheRead: Number(row.cacheReadTokens), cacheWrite: Number(row.cacheWriteTokens) },
      });
      if (seen.length >= at.limit) return { seen, records, withoutFacts, whole: false };
    }
    before = rows.at(-1)?.id;
    if (rows.length < batch) break;
    if (!at.mayGoOn()) { whole = false; break; }
  }
  return { seen, records, withoutFacts, whole };
}

function note(records: Map<string, Record>, name: string, attempt: { outcome: string; ttftMs: number | null }): void {
  // What the client did says nothing of the upstream.
  if (attempt.outcome === 'client-left' || attempt.outcome === 'client-input' || attempt.outcome === 'hedge-lost' || attempt.outcome === 'held-back' || attempt.outcome === 'over-quota') return;
  const known = records.get(name) ?? { ttftSum: 0, ttftCount: 0, attempts: 0, failed: 0 };
  known.attempts++;
  if (attempt.outcome !== 'ok') known.failed++;
  if (attempt.outcome === 'ok' && attempt.ttftMs !== null) { known.ttftSum += attempt.ttftMs; known.ttftCount++; }
  records.set(name, known);
}

async function principalsOf(client: Tx, seen: readonly Seen[]) {
  const ids = [...new Set(seen.map((one) => one.keyId))];
  const principals = new Map<string, ReturnType<typeof principalOf>>();
  for (let at = 0; at < ids.length; at += batch) {
    for (const key of await client.key.findMany({ where: { id: { in: ids.slice(at, at + batch) } } })) principals.set(key.id, principalOf(key, key.tenantId));
  }
  // A key that was claimed has moved to another tenant: then the request counts where it was made.
  for (const one of seen) {
    const known = principals.get(one.keyId);
    if (known && known.tenant !== one.tenantId) principals.delete(one.keyId);
  }
  return principals;
}

/** Counts moves and money. */
function createTally(planning: Planning, records: ReadonlyMap<string, Record>) {
  const moves = new Map<string, Move>();
  const unservedExamples: Unserved[] = [];
  let moved = 0;
  let unserved = 0;
  let unpriced = 0;
  let costNano = 0n;
  let newCostNano = 0n;
  const ttft = (place: Place | null) => { const known = place && records.get(placeName(place)); return known && known.ttftCount > 0 ? Math.round(known.ttftSum / known.ttftCount) : null; };
  const failures = (place: Place | null) => { const known = place && records.get(placeName(place)); return known && known.attempts > 0 ? known.failed / known.attempts : null; };
  return {
    add(one: Seen, to: Place | null, reason: string): void {
      const stays = one.from !== null && to !== null && placeName(one.from) === placeName(to);
      const price = to && planning.priceOf(to.model, to.upstreamId);
      // What stays costs what it did, whatever happened to prices since.
      const newCost = stays ? one.costNano : price ? chargeOf({ ...noReading, input: one.tokens.input, output: one.tokens.output, cacheRead: one.tokens.cacheRead, cacheWrite5m: one.tokens.cacheWrite }, price) : undefined;
      if (to === null) {
        unserved++;
        if (unservedExamples.length < mostExamples) unservedExamples.push({ exchangeId: one.id, model: one.facts.model, reason: reason.slice(0, 300) });
      } else if (newCost === undefined) unpriced++;
      else { costNano += one.costNano; newCostNano += newCost; }
      if (stays || (one.from === null && to === null)) return;
      moved++;
      const name = `${one.from ? placeName(one.from) : ''}>${to ? placeName(to) : ''}`;
      const move = moves.get(name) ?? { from: one.from, to, count: 0, costNano: 0n, newCostNano: 0n, unpriced: 0, ttftMs: ttft(one.from), newTtftMs: ttft(to), failureShare: failures(one.from), newFailureShare: failures(to) };
      move.count++;
      if (newCost === undefined) move.unpriced++;
      else { move.costNano += one.costNano; move.newCostNano += newCost; }
      moves.set(name, move);
    },
    done: () => ({ moved, moves: [...moves.values()].sort((a, b) => b.count - a.count).slice(0, mostMoves), unserved, unservedExamples, costNano, newCostNano, unpriced }),
  };
}

function placeName(place: { upstreamId: string; model: string }): string {
  return `${place.upstreamId}|${place.model.toLowerCase()}`;
}
