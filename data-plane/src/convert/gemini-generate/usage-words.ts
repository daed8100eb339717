// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { GeminiUsage } from '@fairlead/shared/wire/gemini-generate.ts';

/** A reading in this dialect's words: the prompt includes what was read from and written to a cache, thoughts stand beside the candidates. */
export function writeUsage(reading: Reading): GeminiUsage {
  const prompt = reading.input + reading.cacheRead + reading.cacheWrite5m + reading.cacheWrite1h;
  const thoughts = Math.min(reading.output, reading.reasoning);
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: reading.output - thoughts,
    ...(thoughts > 0 && { thoughtsTokenCount: thoughts }),
    ...(reading.cacheRead > 0 && { cachedContentTokenCount: reading.cacheRead }),
    totalTokenCount: prompt + reading.output,
  };
}
