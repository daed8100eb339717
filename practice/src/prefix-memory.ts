import { createHash } from 'node:crypto';
import type { Segment } from './prompt.ts';
import { tokensOfBytes, type Tokens } from './tokens.ts';

/** The prompt's side of a call's tokens. */
export type PromptTokens = Omit<Tokens, 'output' | 'reasoning'>;

/** How a vendor decides what to cache: by the client's marks, or by itself from a least size in steps. */
export type CacheRule = { readonly kind: 'marked' } | { readonly kind: 'automatic'; readonly least: number; readonly step: number };

/** Remembers which prompts were seen, as a vendor's prompt cache does; keeps digests only. */
export type PrefixMemory = {
  /** The tokens of a prompt, and remembers it. `scope` parts accounts and models. */
  count(scope: string, segments: readonly Segment[], rule: CacheRule): PromptTokens;
};

const FIVE_MINUTES_MS = 300_000;
const HOUR_MS = 3_600_000;

/** Creates a memory of at most `capacity` prefixes. */
export function createPrefixMemory(now: () => number, capacity = 50_000): PrefixMemory {
  const seen = new Map<string, { until: number; lifeMs: number }>();

  const fresh = (key: string): boolean => {
    const entry = seen.get(key);
    if (!entry) return false;
    if (entry.until <= now()) {
      seen.delete(key);
      return false;
    }
    entry.until = now() + entry.lifeMs;
    return true;
  };
  const keep = (key: string, lifeMs: number): void => {
    seen.delete(key);
    seen.set(key, { until: now() + lifeMs, lifeMs });
    for (const oldest of seen.keys()) {
      if (seen.size <= capacity) break;
      seen.delete(oldest);
    }
  };

  return {
    count(scope, segments, rule) {
      const ends = endsOf(segments);
      const total = ends.at(-1)?.tokens ?? 0;
      const lastMark = rule.kind === 'marked' ? segments.findLastIndex((segment) => segment.mark !== undefined) : segments.length - 1;
      if (lastMark < 0 || (rule.kind === 'automatic' && total < rule.least)) {
        return { input: total, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
      }
      const keys = keysOf(scope, segments, lastMark);
      const hit = keys.findLastIndex(fresh);
      const known = hit < 0 ? 0 : (ends[hit]?.tokens ?? 0);
      if (rule.kind === 'automatic') {
        keys.forEach((key) => keep(key, FIVE_MINUTES_MS));
        const cacheRead = known < rule.least ? 0 : known - (known % rule.step);
        return { input: total - cacheRead, cacheRead, cacheWrite5m: 0, cacheWrite1h: 0 };
      }
      let counted = known;
      const written = { '5m': 0, '1h': 0 };
      for (const [at, segment] of segments.entries()) {
        const key = keys[at];
        if (segment.mark === undefined || key === undefined) continue;
        const end = ends[at]?.tokens ?? 0;
        if (end > counted) {
          written[segment.mark] += end - counted;
          counted = end;
        }
        keep(key, segment.mark === '1h' ? HOUR_MS : FIVE_MINUTES_MS);
      }
      return { input: total - counted, cacheRead: known, cacheWrite5m: written['5m'], cacheWrite1h: written['1h'] };
    },
  };
}

function endsOf(segments: readonly Segment[]): { tokens: number }[] {
  let bytes = 0;
  return segments.map((segment) => {
    bytes += Buffer.byteLength(segment.text);
    return { tokens: tokensOfBytes(bytes) };
  });
}

function keysOf(scope: string, segments: readonly Segment[], last: number): string[] {
  let chain = scope;
  return segments.slice(0, last + 1).map((segment) => {
    chain = createHash('sha256').update(chain).update('\0').update(segment.text).digest('base64');
    return chain;
  });
}
