import { TestClock } from '@fairlead/shared/time/clock.ts';
import { expect, test } from 'vitest';
import { openTestPlane, signInToken } from '../testing/test-plane.ts';
import { pruneEnded } from './prune.ts';

test('what ended long ago is removed; what ended lately, and every audit row, stays', async () => {
  const clock = new TestClock(Date.UTC(2026, 10, 21));
  const t = await openTestPlane({ clock });
  try {
    const { client } = t.plane.domain.db;
    await signInToken(t.plane);
    clock.advance(20 * 86_400_000);
    const audits = await client.auditEntry.count();
    expect(await pruneEnded(t.plane.domain)).toBe(0);
    clock.advance(11 * 86_400_000);
    await signInToken(t.plane);
    expect(await pruneEnded(t.plane.domain)).toBe(1);
    expect(await client.signInLink.count()).toBe(1);
    expect(await client.auditEntry.count()).toBe(audits + 1);
  } finally {
    await t.close();
  }
});
