import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTimeZone, windowAt, windowKinds } from './window.ts';

const at = (text: string) => Date.parse(text);
const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
const span = (kind: (typeof windowKinds)[number], text: string, zone?: string) => { const { key, startsAt, endsAt } = windowAt(kind, at(text), zone); return [key, iso(startsAt), iso(endsAt)]; };

test('days, weeks and months begin at local midnight, weeks on Monday', () => {
  expect(span('DAY', '2026-11-21T03:00:00Z')).toEqual(['2026-11-21', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z']);
  expect(span('DAY', '2026-11-21T03:00:00Z', 'America/New_York')).toEqual(['2026-11-20', '2026-11-20T05:00:00.000Z', '2026-11-21T05:00:00.000Z']);
  expect(span('WEEK', '2026-11-22T12:00:00Z')).toEqual(['w-2026-11-16', '2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z']);
  expect(span('MONTH', '2026-12-31T23:59:59Z')).toEqual(['2026-12', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']);
});

test('the day of a clock change has 23 or 25 hours', () => {
  const hours = (text: string) => { const { startsAt, endsAt } = windowAt('DAY', at(text), 'Europe/Berlin'); return ((endsAt ?? 0) - startsAt) / 3_600_000; };
  expect([hours('2026-03-29T12:00:00Z'), hours('2026-10-25T12:00:00Z'), hours('2026-06-01T12:00:00Z')]).toEqual([23, 25, 24]);
});

test('where midnight itself is skipped the day begins at the first instant after it', () => {
  const { startsAt, endsAt } = windowAt('DAY', at('2024-09-08T12:00:00Z'), 'America/Santiago');
  expect([iso(startsAt), iso(endsAt)]).toEqual(['2024-09-08T04:00:00.000Z', '2024-09-09T03:00:00.000Z']);
});

test('a leap day is a day', () => {
  expect(span('DAY', '2028-02-29T12:00:00Z')).toEqual(['2028-02-29', '2028-02-29T00:00:00.000Z', '2028-03-01T00:00:00.000Z']);
});

test('property: every instant lies in its window, and the next window begins where it ends', () => {
  const zone = fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'America/Santiago', 'Australia/Lord_Howe');
  fc.assert(fc.property(fc.constantFrom(...windowKinds), fc.integer({ min: at('2024-01-01'), max: at('2030-01-01') }), zone, (kind, ms, timeZone) => {
    const { startsAt, endsAt, key } = windowAt(kind, ms, timeZone);
    expect(startsAt).toBeLessThanOrEqual(ms);
    if (endsAt === null) return;
    expect(ms).toBeLessThan(endsAt);
    expect(windowAt(kind, endsAt, timeZone).startsAt).toBe(endsAt);
    expect(windowAt(kind, endsAt - 1, timeZone).key).toBe(key);
  }));
});

test('property: windows of days, weeks and months are what a calendar shows that is walked minute by minute', () => {
  const zones = ['UTC', 'America/New_York', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Auckland', 'Pacific/Chatham', 'America/Santiago', 'Australia/Lord_Howe', 'Africa/Cairo', 'Europe/Dublin', 'Asia/Beirut', 'Pacific/Kiritimati'];
  fc.assert(fc.property(fc.constantFrom('DAY', 'WEEK', 'MONTH'), fc.integer({ min: at('2024-01-01'), max: at('2032-03-01') }), fc.constantFrom(...zones), (kind, ms, timeZone) => {
    const { startsAt, endsAt } = windowAt(kind, ms, timeZone);
    const calendar = calendarOf(timeZone);
    const first = walkBack(ms, (instant) => isFirstDay(kind, calendar(instant)), calendar);
    expect([iso(startsAt), timeZone, kind]).toEqual([iso(first), timeZone, kind]);
    const next = walkBack(first + { DAY: 36, WEEK: 8 * 24, MONTH: 45 * 24 }[kind] * 3_600_000, (instant) => isFirstDay(kind, calendar(instant)), calendar);
    expect([iso(endsAt), timeZone, kind]).toEqual([iso(next), timeZone, kind]);
  }), { numRuns: process.env.FAIRLEAD_TEST_DEEP === '1' ? 2_000 : 150 });
});

/** What a wall calendar of a zone shows, as one text. */
function calendarOf(timeZone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full' });
  return (ms) => format.format(ms);
}

function isFirstDay(kind: 'DAY' | 'WEEK' | 'MONTH', day: string): boolean {
  return kind === 'DAY' || (kind === 'WEEK' ? day.startsWith('Monday') : / 1 /.test(day));
}

/** The first minute of the nearest day at or before an instant that is a first day. */
function walkBack(ms: number, isFirst: (ms: number) => boolean, calendar: (ms: number) => string): number {
  let instant = Math.floor(ms / 60_000) * 60_000;
  while (!isFirst(instant)) instant -= 6 * 3_600_000;
  const day = calendar(instant);
  while (calendar(instant - 3_600_000) === day) instant -= 3_600_000;
  while (calendar(instant - 60_000) === day) instant -= 60_000;
  return instant;
}

test('a rolling window looks back and never ends', () => {
  expect(windowAt('FIVE_HOURS_ROLLING', at('2026-11-21T12:00:00Z'))).toEqual({ key: 'rolling', startsAt: at('2026-11-21T07:00:00Z'), endsAt: null });
});

test('an unknown time zone is told apart', () => {
  expect([isTimeZone('Europe/Berlin'), isTimeZone('Mars/Olympus')]).toEqual([true, false]);
});
