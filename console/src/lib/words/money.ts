// Pure. Amounts are exact decimal text in dollars; nothing here goes through a float.
const nanoPerDollar = 1_000_000_000n;

/** An amount in nano-dollars. */
export function nanoOf(amount: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount.trim());
  if (!match) return 0n;
  const [, sign = '', whole = '0', fraction = ''] = match;
  const nano = BigInt(whole) * nanoPerDollar + BigInt(fraction.padEnd(9, '0').slice(0, 9));
  return sign === '-' ? -nano : nano;
}

/** Dollars with the digits that matter: $12.40, $0.0312, $0.000123. */
export function dollars(amount: string): string {
  const nano = nanoOf(amount);
  const sign = nano < 0n ? '−' : '';
  const size = nano < 0n ? -nano : nano;
  if (size === 0n) return '$0.00';
  const digits = digitsFor(size);
  const unit = 10n ** BigInt(9 - digits);
  const rounded = ((size + unit / 2n) / unit) * unit;
  const whole = (rounded / nanoPerDollar).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  let fraction = (rounded % nanoPerDollar).toString().padStart(9, '0').slice(0, digits);
  while (fraction.length > 2 && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return `${sign}$${whole}.${fraction}`;
}

/** The whole amount, never rounded. */
export function exactDollars(amount: string): string {
  const nano = nanoOf(amount);
  const size = nano < 0n ? -nano : nano;
  const fraction = (size % nanoPerDollar).toString().padStart(9, '0').replace(/0+$/, '').padEnd(2, '0');
  return `${nano < 0n ? '−' : ''}$${(size / nanoPerDollar).toString()}.${fraction}`;
}

/** How much of a limit an amount is, from 0 to 1. */
export function shareOf(part: string, whole: string): number {
  const limit = nanoOf(whole);
  if (limit <= 0n) return nanoOf(part) > 0n ? 1 : 0;
  return Math.max(0, Math.min(1, Number((nanoOf(part) * 10_000n) / limit) / 10_000));
}

function digitsFor(size: bigint): number {
  if (size >= nanoPerDollar) return 2;
  // Three significant digits, and never fewer than four decimals below a dollar.
  return Math.min(9, Math.max(4, 9 - size.toString().length + 3));
}
