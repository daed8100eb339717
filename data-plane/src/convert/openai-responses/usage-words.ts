// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { ResponsesUsage } from '@fairlead/shared/wire/openai-responses.ts';

/** A reading in this dialect's words: the input includes what was read from and written to a cache. */
export function writeUsage(reading: Reading): ResponsesUsage {
  const written = reading.cacheWrite5m + reading.cacheWrite1h;
  const input = reading.input + reading.cacheRead + written;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: reading.cacheRead, ...(written > 0 && { cache_write_tokens: written }) },
    output_tokens: reading.output,
    output_tokens_details: { reasoning_tokens: reading.reasoning },
    total_tokens: input + reading.output,
  };
}
