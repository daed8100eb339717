// Pure. What a model costs. Amounts are bigint nano-USD per 1,000,000 units, but for the one of a whole request.
import type { UnitKind } from './reading.ts';

/** Prices of tokens. */
export interface Rates {
  inputNano: bigint;
  outputNano: bigint;
  cacheReadNano: bigint;
  cacheWrite5mNano: bigint;
  cacheWrite1hNano: bigint;
  /** Of the reasoning in the output, where a vendor asks another price for it; absent = as output. */
  reasoningNano?: bigint | undefined;
}

/** Prices of long prompts: from so many prompt tokens on, cached ones among them, they count for the whole request. */
export interface Step extends Rates { fromTokens: number }

/** What another grade of service costs (priority, flex, batch): so many millionths of the price of tokens, or prices of its own. */
export type Service = { readonly name: string } & ({ readonly millionths: number } | { readonly rates: Rates; readonly steps: readonly Step[] });

/** Everything that one row of prices says. Absent = nothing of the kind. */
export interface Price extends Rates {
  id: string;
  /** For each request that used anything, whatever its size. */
  requestNano?: bigint | undefined;
  /** For a million of each: uses of a vendor's tool, or tokens of sound and pictures, which then cost this instead of the price of input or output. */
  units?: Readonly<Partial<Record<UnitKind, bigint>>> | undefined;
  /** By rising length of the prompt. */
  steps?: readonly Step[] | undefined;
  services?: readonly Service[] | undefined;
}

/** One, in millionths: how multipliers are written, so that they are exact. */
export const oneMillionths = 1_000_000;

/** What multiplies the charges of an upstream, a tenant and a key, in millionths; absent = 1. */
export interface Times { upstream?: number | undefined; tenant?: number | undefined; key?: number | undefined }

/** The most that a multiplier may be. */
export const timesMost = 100 * oneMillionths;

/** The usual grade of service, which needs no row of its own. */
export const standardService = 'standard';

/** The name under which prices know a grade of service, from a vendor's or a client's word for it; undefined for none, and for "whatever is usual". */
export function serviceOf(word: unknown): string | undefined {
  if (typeof word !== 'string' || word === 'auto' || !isServiceName(word.toLowerCase())) return undefined;
  return word === 'default' || word === 'standard_only' || word === 'on_demand' ? standardService : word.toLowerCase();
}

/** Whether a text can name a grade of service. */
export function isServiceName(text: string): boolean {
  return /^[a-z][a-z0-9_-]{0,39}$/.test(text);
}

/** The prices that count for one request. */
export interface Terms { rates: Rates; /** Where the prices of long prompts began that count; 0 = the usual ones. */ fromTokens: number; /** What tokens are multiplied with for the grade of service. */ millionths: bigint; /** The grade whose prices count. */ service: string }

const one = BigInt(oneMillionths);

/** The prices that count for a prompt of this length at this grade of service; a grade that the price does not know costs what is usual. */
export function termsOf(price: Price, promptTokens: number, service: string | undefined): Terms {
  const grade = service === undefined || service === standardService ? undefined : price.services?.find(({ name }) => name === service);
  const own = grade !== undefined && 'rates' in grade;
  const step = (own ? grade.steps : price.steps)?.findLast(({ fromTokens }) => fromTokens <= promptTokens);
  return {
    rates: step ?? (own ? grade.rates : price),
    fromTokens: step?.fromTokens ?? 0,
    millionths: grade !== undefined && 'millionths' in grade ? BigInt(grade.millionths) : one,
    service: grade?.name ?? standardService,
  };
}
