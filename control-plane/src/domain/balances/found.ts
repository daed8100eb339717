// Pure. What a vendor's answers say of an account. What they do not say is unknown, never 0.
import { billionthsOf, decimalText } from './decimal.ts';
import { countUnits, valueAt } from './sources.ts';
import type { BalancePlan } from './sources.ts';

/** A balance: decimal numbers of `unit`. */
export interface FoundBalance { left: string; limit: string | null; unit: string; resetsAt: Date | null }

/** The balance in the answers to a plan's reads, in their order; a text says what is missing. */
export function findBalance(plan: BalancePlan, answers: readonly unknown[]): FoundBalance | string {
  let left: bigint | undefined;
  let limit: bigint | undefined;
  let used: bigint | undefined;
  let resetsAt: Date | undefined;
  for (const [at, read] of plan.reads.entries()) {
    const json = answers[at];
    const number = (path: string | undefined) => {
      const value = path === undefined ? undefined : billionthsOf(valueAt(path, json));
      return value === undefined ? undefined : value / BigInt(read.divisor ?? 1);
    };
    left ??= number(read.left);
    limit ??= number(read.limit);
    used ??= number(read.used);
    resetsAt ??= read.resetsAt === undefined ? undefined : instantOf(valueAt(read.resetsAt, json));
  }
  left ??= limit === undefined || used === undefined ? undefined : limit - used;
  if (left === undefined) return `There is no number at ${plan.reads.flatMap((read) => [read.left, read.limit, read.used]).filter((path) => path !== undefined).join(', ')}.`;
  const unit = typeof plan.unit === 'string' ? plan.unit : valueAt(plan.unit.path, answers[0]);
  if (typeof unit !== 'string' || !isUnit(unit)) return 'The answer does not say in which currency its numbers are.';
  return { left: decimalText(left), limit: limit === undefined ? null : decimalText(limit), unit, resetsAt: resetsAt ?? null };
}

/** Whether a text names a currency, or a unit that is none. */
export function isUnit(text: string): boolean {
  return /^[A-Z]{3}$/.test(text) || countUnits.some((known) => known === text);
}

function instantOf(value: unknown): Date | undefined {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) {
    const at = new Date(value);
    return Number.isNaN(at.getTime()) ? undefined : at;
  }
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d{9,13}$/.test(value) ? Number(value) : NaN;
  // Seconds until the year 5138 are fewer than milliseconds since 1973.
  return Number.isFinite(number) && number > 1e8 && number < 1e14 ? new Date(number < 1e11 ? number * 1000 : number) : undefined;
}
