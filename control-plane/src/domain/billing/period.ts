// Pure. The periods that billing is told apart by. Sums are kept by the hour, so a period begins and ends with one.
import { isTimeZone, windowAt } from '@fairlead/shared/time/window.ts';
import { hourOf } from '../usage/report.ts';
import { Refused } from '../problem.ts';

/** How long a period is. */
export const periodKinds = ['HOUR', 'DAY', 'MONTH'] as const;

/** One of them. */
export type PeriodKind = (typeof periodKinds)[number];

/** A span of whole hours, and whose midnight counts. */
export interface Span { from: Date; to: Date; timeZone: string }

/** A span as given. */
export interface SpanInput { from: Date; to: Date; timeZone?: string | null | undefined }

const mostPeriods = 800;

/** Checks a span; its ends are taken back to the beginning of their hours. */
export function readSpan(input: SpanInput): Span {
  const timeZone = input.timeZone ?? 'UTC';
  if (!isTimeZone(timeZone)) throw new Refused({ code: 'INVALID', message: 'It must be a time zone such as "Europe/Berlin".', path: ['timeZone'] });
  const span = { from: hourOf(input.from), to: hourOf(input.to), timeZone };
  if (span.from >= span.to) throw new Refused({ code: 'INVALID', message: 'It must be at least an hour later than "from".', path: ['to'] });
  return span;
}

/** The beginnings of the periods within a span, the first at its beginning. */
export function periodsOf({ from, to, timeZone }: Span, kind: PeriodKind): Date[] {
  const starts: Date[] = [];
  for (let at = from.getTime(); at < to.getTime();) {
    if (starts.length === mostPeriods) throw new Refused({ code: 'LIMIT', message: `There are more than ${mostPeriods} periods in it.`, path: ['to'], fix: 'Ask for a shorter time, or for longer periods.' });
    if (at % 3_600_000 !== 0) throw new Refused({ code: 'INVALID', message: `Days in ${timeZone} do not begin with a full hour of UTC, and sums are kept by the hour.`, path: ['timeZone'], fix: 'Use UTC, or export the entries.' });
    starts.push(new Date(at));
    const next = kind === 'HOUR' ? at + 3_600_000 : windowAt(kind, at, timeZone).endsAt;
    if (next === null || next <= at) throw new Error('a period without an end');
    at = next;
  }
  return starts;
}
