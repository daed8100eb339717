// Pure, but for the time zone of the machine.
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const utcDay = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });
const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const dayYear = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', year: 'numeric' });
const minute = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false });

/** The time of day here: 14:03:22. */
export function clockTime(at: string | number): string {
  return clock.format(new Date(at));
}

/** The hour here: 14:00. */
export function hourOf(at: string | number): string {
  return hour.format(new Date(at));
}

/** The day here or in UTC: Nov 21. */
export function dayOf(at: string | number, zone?: 'UTC'): string {
  return (zone ? utcDay : day).format(new Date(at));
}

/** Day and time here: Nov 21, 14:03. */
export function dayAndTime(at: string | number): string {
  return minute.format(new Date(at));
}

/** The same instant in UTC, for titles. */
export function inUtc(at: string | number): string {
  return `${new Date(at).toISOString().replace('T', ' ').replace(/\.\d+Z$/, '')} UTC`;
}

/** How long ago or how soon: "just now", "3 min ago", "in 2 h". */
export function relative(at: string | number, now: number): string {
  const ms = new Date(at).getTime() - now;
  const size = Math.abs(ms);
  if (size < 5_000) return 'just now';
  const text = size < 60_000 ? `${Math.floor(size / 1000)} s` : size < 3_600_000 ? `${Math.floor(size / 60_000)} min` : size < 86_400_000 ? `${Math.floor(size / 3_600_000)} h` : size < 30 * 86_400_000 ? `${Math.floor(size / 86_400_000)} d` : undefined;
  if (text === undefined) return dayYear.format(new Date(at));
  return ms < 0 ? `${text} ago` : `in ${text}`;
}

/** When the day of an instant began here, `days` earlier or later. */
export function startOfDay(at: number, days = 0): Date {
  const begin = new Date(at);
  begin.setHours(0, 0, 0, 0);
  begin.setDate(begin.getDate() + days);
  return begin;
}

/** An instant as the API takes it. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
