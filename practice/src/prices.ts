// Pure data. What this simulated vendor asks, so that its bill can be held against a gateway's ledger.

/** Prices of one model in nano-USD per 1,000,000 tokens, as decimal text so that the list survives JSON. */
export type ModelPrice = {
  /** An exact name, or a prefix that ends with `*`. */
  readonly model: string;
  readonly input: string;
  readonly output: string;
  readonly cacheRead: string;
  readonly cacheWrite5m: string;
  readonly cacheWrite1h: string;
};

/** One row of the list from the prices of input and output in whole nano-USD per million. */
function row(model: string, input: bigint, output: bigint): ModelPrice {
  return {
    model,
    input: String(input),
    output: String(output),
    cacheRead: String(input / 10n),
    cacheWrite5m: String((input * 5n) / 4n),
    cacheWrite1h: String(input * 2n),
  };
}

/** The price list; the first row that fits a model counts, and the last one fits all. */
export const PRICES: readonly ModelPrice[] = [
  row('claude-opus-5-5', 4_000_000_000n, 20_000_000_000n),
  row('claude-fable-5-2', 8_000_000_000n, 40_000_000_000n),
  row('claude-sonnet-5-5', 2_000_000_000n, 10_000_000_000n),
  row('claude-haiku-5-5', 100_000_000n, 500_000_000n),
  row('practice-1', 1_000_000_000n, 5_000_000_000n),
  row('gpt-5.5', 1_250_000_000n, 10_000_000_000n),
  row('gpt-6*', 2_000_000_000n, 12_000_000_000n),
  row('gemini-3*', 500_000_000n, 3_000_000_000n),
  row('*', 3_000_000_000n, 15_000_000_000n),
];

/** The row that counts for a model. */
export function priceOf(model: string): ModelPrice {
  const fits = (name: string): boolean => (name.endsWith('*') ? model.startsWith(name.slice(0, -1)) : model === name);
  const found = PRICES.find((price) => fits(price.model));
  if (!found) throw new Error('The price list must end with a row for all models.');
  return found;
}
