// Pure. What the charges of a batch come to, by what sums are kept of.
import type { SqlValue } from '@fairlead/prisma';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { ChargeLabels } from '../domain/billing/add-to-labels.ts';
import type { CostCentre } from '../domain/billing/cost-centre.ts';
import { hourOf } from '../domain/usage/report.ts';

/** Sums over some charges of a batch: of two thousand attempts a number holds all tokens, but not the nano-USD. */
export interface BatchSums { requests: number; input: number; output: number; cacheRead: number; cacheWrite: number; cost: bigint; excess: bigint; estimatedCost: bigint; estimated: number; unpriced: number }

/** What one cost centre cost in one hour of a batch, and its parts by what they were for. */
export interface HourSums { centre: CostCentre; hour: Date; sums: BatchSums; parts: { labels: ChargeLabels; sums: BatchSums }[] }

/** An event, its cost centre and what it was for. */
interface Charge { event: UsageEvent; centre: CostCentre; labels: ChargeLabels }

/** The sums of a batch by hour and cost centre. */
export function sumByHour(charges: readonly Charge[]): HourSums[] {
  const hours = new Map<string, HourSums>();
  const parts = new Map<string, BatchSums>();
  for (const { event, centre, labels } of charges) {
    const hour = Math.floor(event.startedAt / hourMs);
    const name = `${centre.id} ${hour}`;
    // Its length before each part: no two combinations have one text.
    const partName = `${name} ${labels.sessionId.length}:${labels.sessionId}${labels.repo.length}:${labels.repo}${labels.branch.length}:${labels.branch}${labels.ticket}`;
    let sums = parts.get(partName);
    if (!sums) {
      sums = nothing();
      parts.set(partName, sums);
      let at = hours.get(name);
      if (!at) { at = { centre, hour: hourOf(new Date(event.startedAt)), sums: nothing(), parts: [] }; hours.set(name, at); }
      at.parts.push({ labels, sums });
    }
    addEvent(sums, event);
  }
  for (const hour of hours.values()) for (const part of hour.parts) add(hour.sums, part.sums);
  return [...hours.values()];
}

/** Sums in the order of the columns that are added up. */
export function amountsOf(sums: BatchSums): SqlValue[] {
  return [sums.requests, BigInt(sums.input), BigInt(sums.output), BigInt(sums.cacheRead), BigInt(sums.cacheWrite), sums.cost, sums.excess, sums.estimatedCost, sums.estimated, sums.unpriced];
}

const hourMs = 3_600_000;
const nothing = (): BatchSums => ({ requests: 0, input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cost: 0n, excess: 0n, estimatedCost: 0n, estimated: 0, unpriced: 0 });

function addEvent(sums: BatchSums, event: UsageEvent): void {
  const cost = BigInt(event.costNano);
  sums.requests += 1;
  sums.input += event.input;
  sums.output += event.output;
  sums.cacheRead += event.cacheRead;
  sums.cacheWrite += event.cacheWrite5m + event.cacheWrite1h;
  sums.cost += cost;
  if (event.excessNano !== '0') sums.excess += BigInt(event.excessNano);
  if (event.estimated) { sums.estimated += 1; sums.estimatedCost += cost; }
  if (event.unpriced) sums.unpriced += 1;
}

function add(to: BatchSums, more: BatchSums): void {
  to.requests += more.requests;
  to.estimated += more.estimated;
  to.unpriced += more.unpriced;
  for (const name of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) to[name] += more[name];
  for (const name of ['cost', 'excess', 'estimatedCost'] as const) to[name] += more[name];
}
