// Pure. How a charge adds up, line by line.
import { nanoOf } from '#lib/words/money.ts';

/** What of a charge the lines are made from. */
export interface ChargeParts {
  inputTokens: number; outputTokens: number; cacheReadTokens: number; cacheWrite5mTokens: number; cacheWrite1hTokens: number;
  price: { input: { amount: string }; output: { amount: string }; cacheRead: { amount: string }; cacheWrite5m: { amount: string }; cacheWrite1h: { amount: string } } | null;
}

/** Tokens of one kind, their price per million and what they cost; no rate when the price is unknown. */
export interface ChargeLine { kind: 'input' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h' | 'output'; tokens: number; rate: string | undefined; amount: string | undefined }

/** The lines of a charge that have tokens; input and output always. */
export function charged(charge: ChargeParts): ChargeLine[] {
  const tokens = { input: charge.inputTokens, cacheRead: charge.cacheReadTokens, cacheWrite5m: charge.cacheWrite5mTokens, cacheWrite1h: charge.cacheWrite1hTokens, output: charge.outputTokens };
  return (['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'output'] as const)
    .filter((kind) => tokens[kind] > 0 || kind === 'input' || kind === 'output')
    .map((kind) => {
      const rate = charge.price?.[kind].amount;
      return { kind, tokens: tokens[kind], rate, amount: rate === undefined ? undefined : decimalOf(BigInt(tokens[kind]) * nanoOf(rate)) };
    });
}

/** Nano-dollars times a million tokens as decimal dollars, to the nano-dollar. */
function decimalOf(nanoTimesMillion: bigint): string {
  const nano = (nanoTimesMillion + 500_000n) / 1_000_000n;
  return `${nano / 1_000_000_000n}.${(nano % 1_000_000_000n).toString().padStart(9, '0')}`;
}
