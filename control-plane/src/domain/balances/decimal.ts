// Pure. Decimal numbers as text, reckoned in billionths: balances come in every currency and are never floats.

const billion = 1_000_000_000n;

/** A decimal number in billionths; undefined when it is none, or beyond twelve digits before the point. What is finer is cut off. */
export function billionthsOf(value: unknown): bigint | undefined {
  const text = typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e12 ? value.toFixed(9) : typeof value === 'string' ? value.trim() : '';
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,30}))?$/.exec(text);
  if (!match) return undefined;
  const amount = BigInt(match[2] ?? '0') * billion + BigInt((match[3] ?? '').slice(0, 9).padEnd(9, '0'));
  return match[1] === '-' ? -amount : amount;
}

/** Billionths as a decimal text without zeros at the end: 1500000000n → "1.5". */
export function decimalText(billionths: bigint): string {
  const abs = billionths < 0n ? -billionths : billionths;
  const fraction = String(abs % billion).padStart(9, '0').replace(/0+$/, '');
  return `${billionths < 0n ? '-' : ''}${abs / billion}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The number with two digits that count, the others zero: what is told to nodes, so that not every cent is news. */
export function roughly(text: string): string {
  const billionths = billionthsOf(text) ?? 0n;
  const abs = billionths < 0n ? -billionths : billionths;
  const step = 10n ** BigInt(Math.max(0, String(abs).length - 2));
  return decimalText((billionths / step) * step);
}
