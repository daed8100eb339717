import { expect, test } from 'vitest';
import { maybeOpen, standingAmong, windowOf } from './reads.ts';

const zones = ['Pacific/Kiritimati', 'UTC', 'Pacific/Pago_Pago'];
const start = Date.UTC(2026, 10, 29);
const hours = Array.from({ length: 37 }, (_, index) => start + index * 2 * 3_600_000);

test.each(['FIVE_HOURS', 'DAY', 'WEEK', 'MONTH', 'TOTAL'])('what was spent in a window of %s counts as long as it is open, also when its time zone was changed', (window) => {
  let found = 0;
  for (const before of zones) for (const after of zones) for (const madeAt of hours) for (const atMs of hours) {
    const made = windowOf({ window, timeZone: before }, madeAt);
    const quota = { window, timeZone: after, limitNano: 10n, unit: 'USD' };
    if (madeAt > atMs || made.key !== windowOf(quota, atMs).key) continue;
    found += 1;
    const row = { windowKey: made.key, limitNano: 10n, spentNano: 4n, escrowNano: 1n, excessNano: 0n, parts: [] };
    const [forEver, lately] = maybeOpen(atMs).OR ?? [];
    expect(made.endsAt === null ? forEver : lately).toEqual({ endsAt: made.endsAt === null ? null : { gt: expect.any(Date) } });
    if (made.endsAt !== null) expect(made.endsAt).toBeGreaterThan(atMs - 2 * 86_400_000);
    expect(standingAmong(quota, [row], atMs).spentNano).toBe(4n);
  }
  expect(found).toBeGreaterThan(0);
});
