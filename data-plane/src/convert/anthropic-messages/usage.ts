// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import { countOf, objectOf, wordOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { jsonOf } from '@fairlead/shared/wire/sse.ts';
import { serviceGiven, unitsOf } from '../hub/units.ts';
import { openReader } from '../hub/stream-usage.ts';
import type { UsageReader } from '../hub/stream-usage.ts';

/** The reading of a `usage` object. Cache writes without a split count as five-minute ones. */
export function readingOf(usage: Loose): Reading {
  const split = objectOf(usage.cache_creation);
  const written = countOf(usage.cache_creation_input_tokens);
  const hour = split ? countOf(split.ephemeral_1h_input_tokens) : 0;
  return {
    input: countOf(usage.input_tokens),
    output: countOf(usage.output_tokens),
    cacheRead: countOf(usage.cache_read_input_tokens),
    // Some vendors give the sum, some only the split, most both.
    cacheWrite5m: Math.max(0, written - hour, split ? countOf(split.ephemeral_5m_input_tokens) : 0),
    cacheWrite1h: hour,
    reasoning: countOf(objectOf(usage.output_tokens_details)?.thinking_tokens),
    ...serviceGiven(usage.service_tier),
    ...(usage.server_tool_use === undefined ? {} : unitsOf({ 'web-search': countOf(objectOf(usage.server_tool_use)?.web_search_requests), 'web-fetch': countOf(objectOf(usage.server_tool_use)?.web_fetch_requests) })),
  };
}

/** The reading of a whole reply. */
export function readUsage(body: unknown): Reading | undefined {
  const usage = objectOf(objectOf(body)?.usage);
  return usage && readingOf(usage);
}

/** Input and cache come with message_start; message_delta carries the final output and may repeat or correct the rest. */
export function openUsageReader(): UsageReader {
  return openReader((frame, seen) => {
    // The event's name is enough for the frames that come by the hundred.
    if (frame.event === 'content_block_delta') { seen.content = true; return; }
    if (frame.event === 'ping' || frame.event === 'content_block_stop') return;
    const event = objectOf(jsonOf(frame));
    switch (event?.type) {
      case 'message_start': seen.usage = { ...objectOf(objectOf(event.message)?.usage) }; break;
      case 'content_block_start': if (objectOf(event.content_block)?.type !== 'text') seen.content = true; break;
      case 'content_block_delta': seen.content = true; break;
      case 'message_delta': {
        const news = objectOf(event.usage);
        // A null says nothing; it does not take back what was reported before.
        if (news) seen.usage = { ...seen.usage, ...Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null)) };
        break;
      }
      case 'message_stop': seen.ended = true; break;
      case 'error': seen.failed = wordOf(objectOf(event.error)?.message ?? 'error event'); break;
    }
  }, readingOf);
}
