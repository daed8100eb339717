// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import { countOf, objectOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { jsonOf } from '@fairlead/shared/wire/sse.ts';
import { openReader } from '../hub/stream-usage.ts';
import type { UsageReader } from '../hub/stream-usage.ts';

/** The reading of a `usage` object; input that was read from or written to a cache is part of `input_tokens` there, and apart here. */
export function readingOf(usage: Loose): Reading {
  const input = countOf(usage.input_tokens);
  const details = objectOf(usage.input_tokens_details);
  const cached = Math.min(input, countOf(details?.cached_tokens));
  const written = Math.min(input - cached, countOf(details?.cache_write_tokens));
  return { input: input - cached - written, output: countOf(usage.output_tokens), cacheRead: cached, cacheWrite5m: written, cacheWrite1h: 0, reasoning: countOf(objectOf(usage.output_tokens_details)?.reasoning_tokens) };
}

/** The reading of a whole reply. */
export function readUsage(body: unknown): Reading | undefined {
  const usage = objectOf(objectOf(body)?.usage);
  return usage && readingOf(usage);
}

/** Usage comes with the terminal event; `response.failed`, `response.cancelled` and `error` are failures, `response.incomplete` is an end. */
export function openUsageReader(): UsageReader {
  return openReader((frame, seen) => {
    const named = frame.event;
    if (named?.endsWith('.delta')) { seen.content = true; return; }
    const event = objectOf(jsonOf(frame));
    const type = typeof event?.type === 'string' ? event.type : (named ?? '');
    if (type.endsWith('.delta') || type === 'response.output_item.added') { seen.content = true; return; }
    if (type === 'response.completed' || type === 'response.incomplete') {
      seen.usage = objectOf(objectOf(event?.response)?.usage);
      seen.ended = true;
      seen.content = true;
    } else if (type === 'response.failed' || type === 'response.cancelled' || type === 'error') {
      const error = objectOf(objectOf(event?.response)?.error) ?? objectOf(event?.error) ?? event;
      seen.failed = String(error?.message ?? type);
      seen.usage = objectOf(objectOf(event?.response)?.usage) ?? seen.usage;
    }
  }, readingOf);
}
