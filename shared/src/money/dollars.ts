// Pure. Money as text. Inside, money is bigint nano-USD.

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

/** The millionths of a decimal text such as "0.85"; undefined when it is none or finer than a millionth. */
export function millionthsOf(text: string): number | undefined {
  const match = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}

/** Millionths as a decimal text: 850000 → "0.85". */
export function millionthsText(millionths: number): string {
  return String(millionths / 1_000_000);
}
