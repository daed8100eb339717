// Pure.

/** The windows a quota may have. */
export const windowKinds = ['FIVE_HOURS', 'FIVE_HOURS_ROLLING', 'DAY', 'WEEK', 'MONTH', 'TOTAL'] as const;

/** How long a rolling window looks back. */
export const rollingMs = 5 * 3_600_000;

/** How often a quota starts anew. */
export type WindowKind = (typeof windowKinds)[number];

/** One window: its name (the same for every node and database), start and end in epoch milliseconds. */
export interface QuotaWindow { key: string; startsAt: number; endsAt: number | null }

/** The window that holds `atMs` in a time zone. Five hours count in UTC from the epoch; weeks start on Monday. */
export function windowAt(kind: WindowKind, atMs: number, timeZone = 'UTC'): QuotaWindow {
  if (kind === 'TOTAL') return { key: 'total', startsAt: 0, endsAt: null };
  // It has no end, only what is too old: one budget whose spending is forgotten bit by bit.
  if (kind === 'FIVE_HOURS_ROLLING') return { key: 'rolling', startsAt: atMs - rollingMs, endsAt: null };
  if (kind === 'FIVE_HOURS') {
    const span = rollingMs;
    const startsAt = Math.floor(atMs / span) * span;
    return { key: `5h-${new Date(startsAt).toISOString().slice(0, 13)}`, startsAt, endsAt: startsAt + span };
  }
  const local = localDate(atMs, timeZone);
  const first = kind === 'MONTH' ? { ...local, day: 1 } : kind === 'WEEK' ? shift(local, -((weekday(local) + 6) % 7)) : local;
  const next = kind === 'MONTH' ? shift({ ...first, month: first.month + 1 }, 0) : shift(first, kind === 'WEEK' ? 7 : 1);
  const key = kind === 'MONTH' ? `${first.year}-${two(first.month)}` : `${kind === 'WEEK' ? 'w-' : ''}${first.year}-${two(first.month)}-${two(first.day)}`;
  return { key, startsAt: midnight(first, timeZone), endsAt: midnight(next, timeZone) };
}

/** Says whether a time zone name is known to this runtime. */
export function isTimeZone(name: string): boolean {
  try { new Intl.DateTimeFormat('en', { timeZone: name }); return true; } catch { return false; }
}

interface LocalDate { year: number; month: number; day: number }

const two = (value: number) => String(value).padStart(2, '0');
const asUtc = (date: LocalDate) => Date.UTC(date.year, date.month - 1, date.day);
const weekday = (date: LocalDate) => new Date(asUtc(date)).getUTCDay();

function shift(date: LocalDate, days: number): LocalDate {
  const moved = new Date(asUtc(date) + days * 86_400_000);
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

function localDate(atMs: number, timeZone: string): LocalDate {
  const parts = partsAt(atMs, timeZone);
  return { year: parts.year, month: parts.month, day: parts.day };
}

/** The instant at which a local day begins; where midnight is skipped by daylight saving, the first instant after it. */
function midnight(date: LocalDate, timeZone: string): number {
  const target = asUtc(date);
  let guess = target;
  // The zone's offset may differ between the guess and the answer: two corrections settle every real zone.
  for (let round = 0; round < 3; round++) {
    const parts = partsAt(guess, timeZone);
    const shown = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
    if (shown === target) return guess;
    guess += target - shown;
  }
  const parts = partsAt(guess, timeZone);
  return parts.day === date.day ? guess : guess + 3_600_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsAt(atMs: number, timeZone: string): { year: number; month: number; day: number; hour: number; minute: number; second: number } {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
    formats.set(timeZone, format);
  }
  const out = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of format.formatToParts(new Date(atMs))) if (type in out) out[type as keyof typeof out] = Number(value);
  return out;
}
