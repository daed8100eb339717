// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { MessagesUsage } from '@fairlead/shared/wire/anthropic-messages.ts';

/** A reading in this dialect's words; nothing known is written as zeros, since the field must be there. */
export function writeUsage(reading: Reading | undefined): MessagesUsage {
  return {
    input_tokens: reading?.input ?? 0,
    cache_creation_input_tokens: (reading?.cacheWrite5m ?? 0) + (reading?.cacheWrite1h ?? 0),
    cache_read_input_tokens: reading?.cacheRead ?? 0,
    cache_creation: { ephemeral_5m_input_tokens: reading?.cacheWrite5m ?? 0, ephemeral_1h_input_tokens: reading?.cacheWrite1h ?? 0 },
    output_tokens: reading?.output ?? 0,
    ...(reading && reading.reasoning > 0 && { output_tokens_details: { thinking_tokens: reading.reasoning } }),
  };
}
