// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { ChatUsage } from '@fairlead/shared/wire/openai-chat.ts';

/** A reading in this dialect's words: the prompt includes what was read from and written to a cache. */
export function writeUsage(reading: Reading): ChatUsage {
  const written = reading.cacheWrite5m + reading.cacheWrite1h;
  const prompt = reading.input + reading.cacheRead + written;
  return {
    prompt_tokens: prompt,
    completion_tokens: reading.output,
    total_tokens: prompt + reading.output,
    prompt_tokens_details: { cached_tokens: reading.cacheRead, ...(written > 0 && { cache_write_tokens: written }) },
    completion_tokens_details: { reasoning_tokens: reading.reasoning },
  };
}
