// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import { countOf, objectOf, parseJson } from '@fairlead/shared/wire/json.ts';
import type { UsageReader } from '../usage-reader.ts';

/** The reading of a `usage` object. Cache writes without a split count as five-minute ones. */
export function readingOf(usage: Record<string, unknown>): Reading {
  const split = objectOf(usage.cache_creation);
  const written = countOf(usage.cache_creation_input_tokens);
  const hour = split ? countOf(split.ephemeral_1h_input_tokens) : 0;
  return {
    input: countOf(usage.input_tokens),
    output: countOf(usage.output_tokens),
    cacheRead: countOf(usage.cache_read_input_tokens),
    cacheWrite5m: Math.max(0, written - hour),
    cacheWrite1h: hour,
    reasoning: countOf(objectOf(usage.output_tokens_details)?.thinking_tokens),
  };
}

/** The reading of a whole reply. */
export function readUsage(body: unknown): Reading | undefined {
  const usage = objectOf(objectOf(body)?.usage);
  return usage && readingOf(usage);
}

/** Input and cache come with message_start; message_delta carries the final output and may repeat or correct the rest. */
export function openUsageReader(): UsageReader {
  let usage: Record<string, unknown> | undefined;
  let ended = false;
  let failed: string | undefined;
  let content = false;
  return {
    push(frame) {
      // The event's name is enough for the frames that come by the hundred.
      if (frame.event === 'content_block_delta') { content = true; return; }
      if (frame.event === 'ping' || frame.event === 'content_block_stop') return;
      const event = objectOf(parseJson(frame.data));
      switch (event?.type) {
        case 'message_start': usage = { ...objectOf(objectOf(event.message)?.usage) }; break;
        case 'content_block_start': if (objectOf(event.content_block)?.type !== 'text') content = true; break;
        case 'content_block_delta': content = true; break;
        case 'message_delta': {
          const news = objectOf(event.usage);
          if (news) { usage ??= {}; for (const [name, value] of Object.entries(news)) if (value !== null) usage[name] = value; }
          break;
        }
        case 'message_stop': ended = true; break;
        case 'error': failed = String(objectOf(event.error)?.message ?? 'error event'); break;
      }
    },
    reading: () => usage && readingOf(usage),
    ended: () => ended,
    failed: () => failed,
    hasContent: () => content,
  };
}
