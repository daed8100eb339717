// Pure. Money is bigint nano-USD; prices are nano-USD per 1,000,000 units.

/** What vendors count besides: uses of their own tools, and tokens of sound and pictures, which are part of input or output. */
export const unitKinds = ['web-search', 'web-fetch', 'code-execution', 'audio-input', 'audio-output', 'image-input', 'image-output', 'video-input'] as const;

/** One kind of unit. */
export type UnitKind = (typeof unitKinds)[number];

/** How many of each; what is absent was not told. */
export type Units = Readonly<Partial<Record<UnitKind, number>>>;

/** Tokens seen on one attempt. `input` excludes what was read from or written to a cache. */
export interface Reading {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  /** Part of `output`, told apart for people; never charged twice. */
  reasoning: number;
  /** Absent when the vendor told of none. */
  units?: Units;
}

/** What a model costs, each kind in nano-USD per million tokens. */
export interface Price {
  id: string;
  inputNano: bigint;
  outputNano: bigint;
  cacheReadNano: bigint;
  cacheWrite5mNano: bigint;
  cacheWrite1hNano: bigint;
}

const million = 1_000_000n;

/** A reading of nothing. */
export const noReading: Reading = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 };

/** Reading × Price in nano-USD, rounded up once. */
export function chargeOf(reading: Reading, price: Price): bigint {
  const sum =
    BigInt(reading.input) * price.inputNano +
    BigInt(reading.output) * price.outputNano +
    BigInt(reading.cacheRead) * price.cacheReadNano +
    BigInt(reading.cacheWrite5m) * price.cacheWrite5mNano +
    BigInt(reading.cacheWrite1h) * price.cacheWrite1hNano;
  return (sum + million - 1n) / million;
}

/**
 * The most an attempt may cost: no text has more tokens than bytes, each input byte at the dearest input
 * price (a cache write costs more than fresh input, where the request asks for one), and the whole output
 * allowance.
 */
export function reservationOf(inputBytes: number, outputTokens: number, price: Price, writesCache: boolean): bigint {
  let dearest = price.inputNano;
  for (const other of [price.cacheReadNano, ...(writesCache ? [price.cacheWrite5mNano, price.cacheWrite1hNano] : [])]) if (other > dearest) dearest = other;
  return (BigInt(inputBytes) * dearest + BigInt(outputTokens) * price.outputNano + million - 1n) / million;
}

/** Nano-USD as a decimal dollar text without rounding, at least two places: 1500000000n → "1.50". */
export function usdText(nano: bigint): string {
  const sign = nano < 0n ? '-' : '';
  const abs = nano < 0n ? -nano : nano;
  const whole = abs / 1_000_000_000n;
  const fraction = String(abs % 1_000_000_000n).padStart(9, '0').replace(/0{1,7}$/, '');
  return `${sign}${whole}.${fraction}`;
}

/** The nano-USD of a decimal dollar text such as "0.25"; undefined when it is none or finer than a nano-dollar. */
export function usdNano(text: string): bigint | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text);
  if (!match) return undefined;
  return BigInt(match[1] ?? '0') * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}
