// Pure. What follows from an outcome.
import type { Outcome } from './classify.ts';

/** What to do next, and which parts should rest. */
export interface Consequence {
  next: 'stop' | 'next-candidate';
  hurts: 'nobody' | 'credential' | 'upstream';
  /** How long what it hurts should rest, when the upstream does not say. */
  restMs: number;
}

/** One row for each outcome. */
export const consequences: Record<Outcome, Consequence> = {
  'ok': { next: 'stop', hurts: 'nobody', restMs: 0 },
  'client-input': { next: 'stop', hurts: 'nobody', restMs: 0 },
  'client-left': { next: 'stop', hurts: 'nobody', restMs: 0 },
  'credential': { next: 'next-candidate', hurts: 'credential', restMs: 30_000 },
  'credential-spent': { next: 'next-candidate', hurts: 'credential', restMs: 60_000 },
  'model-missing': { next: 'next-candidate', hurts: 'nobody', restMs: 0 },
  'limited': { next: 'next-candidate', hurts: 'credential', restMs: 2_000 },
  'overloaded': { next: 'next-candidate', hurts: 'upstream', restMs: 2_000 },
  'failed': { next: 'next-candidate', hurts: 'upstream', restMs: 1_000 },
  'unreachable': { next: 'next-candidate', hurts: 'upstream', restMs: 2_000 },
  'address': { next: 'next-candidate', hurts: 'nobody', restMs: 0 },
  'broke-off': { next: 'next-candidate', hurts: 'upstream', restMs: 1_000 },
  'node': { next: 'next-candidate', hurts: 'nobody', restMs: 0 },
};

const longestRestMs = 300_000;

/** How long an upstream asks to be left alone: `Retry-After` in seconds or as a date; undefined when it does not say. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, longestRestMs) : undefined;
}
