import { priceOf } from './prices.ts';
import type { Tokens } from './tokens.ts';

/** What one credential owes for one model. */
export type BillLine = {
  readonly credential: string;
  readonly model: string;
  readonly requests: number;
  readonly tokens: Tokens;
  readonly costNano: string;
};

/** The vendor's own account of what was used. */
export type Bill = {
  /** Adds one call; `credential` is the digest of what was presented. */
  add(credential: string, model: string, tokens: Tokens): void;
  /** The lines so far, in the order of their first call. */
  lines(): BillLine[];
};

/** The cost of one call in nano-USD, rounded up once. */
export function costNano(model: string, tokens: Tokens): bigint {
  const price = priceOf(model);
  const sum =
    BigInt(tokens.input) * BigInt(price.input) +
    BigInt(tokens.output) * BigInt(price.output) +
    BigInt(tokens.cacheRead) * BigInt(price.cacheRead) +
    BigInt(tokens.cacheWrite5m) * BigInt(price.cacheWrite5m) +
    BigInt(tokens.cacheWrite1h) * BigInt(price.cacheWrite1h);
  return (sum + 999_999n) / 1_000_000n;
}

/** Creates an empty bill. */
export function createBill(): Bill {
  const lines = new Map<string, { credential: string; model: string; requests: number; tokens: Tokens; cost: bigint }>();
  return {
    add(credential, model, tokens) {
      const key = `${credential} ${model}`;
      const line = lines.get(key) ?? { credential, model, requests: 0, tokens: NO_TOKENS, cost: 0n };
      line.requests += 1;
      line.tokens = sumOf(line.tokens, tokens);
      line.cost += costNano(model, tokens);
      lines.set(key, line);
    },
    lines: () => [...lines.values()].map(({ cost, ...line }) => ({ ...line, costNano: String(cost) })),
  };
}

/** A call that used nothing. */
export const NO_TOKENS: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 };

function sumOf(a: Tokens, b: Tokens): Tokens {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite5m: a.cacheWrite5m + b.cacheWrite5m,
    cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
    reasoning: a.reasoning + b.reasoning,
  };
}
