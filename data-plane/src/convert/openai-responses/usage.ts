// Pure.
import { noReading, type Reading } from '@fairlead/shared/money/charge.ts';
import { countOf, looseOf, objectOf, wordOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { jsonOf } from '@fairlead/shared/wire/sse.ts';
import { serviceGiven, unitsOf } from '../hub/units.ts';
import { openReader } from '../hub/stream-usage.ts';
import type { UsageReader } from '../hub/stream-usage.ts';

/** How often the vendor's own tools were used: each use is an item of the answer. */
function toolsUsed(response: Loose | undefined): Pick<Reading, 'units'> {
  const uses = (type: string) => looseOf(response?.output).filter((item) => item.type === type).length;
  return unitsOf({ 'web-search': uses('web_search_call'), 'code-execution': uses('code_interpreter_call') });
}

/** The reading of a whole answer, or of the one that a stream ends with; undefined when it reports none. */
export function readingIn(response: Loose | undefined): Reading | undefined {
  const usage = objectOf(response?.usage);
  return usage && { ...readingOf(usage), ...toolsUsed(response), ...serviceGiven(response?.service_tier) };
}

/** The reading of a `usage` object; input that was read from or written to a cache is part of `input_tokens` there, and apart here. */
function readingOf(usage: Loose): Reading {
  const input = countOf(usage.input_tokens);
  const details = objectOf(usage.input_tokens_details);
  const cached = Math.min(input, countOf(details?.cached_tokens));
  const written = Math.min(input - cached, countOf(details?.cache_write_tokens));
  return { input: input - cached - written, output: countOf(usage.output_tokens), cacheRead: cached, cacheWrite5m: written, cacheWrite1h: 0, reasoning: countOf(objectOf(usage.output_tokens_details)?.reasoning_tokens) };
}

/** The reading of a whole reply. */
export function readUsage(body: unknown): Reading | undefined {
  return readingIn(objectOf(body));
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
      seen.usage = withUsage(event?.response);
      seen.ended = true;
      seen.content = true;
    } else if (type === 'response.failed' || type === 'response.cancelled' || type === 'error') {
      const error = objectOf(objectOf(event?.response)?.error) ?? objectOf(event?.error) ?? event;
      seen.failed = wordOf(error?.message ?? type);
      seen.usage = withUsage(event?.response) ?? seen.usage;
    }
  }, (response) => readingIn(response) ?? noReading);
}

/** The response of an event, where it reports its usage. */
function withUsage(response: unknown): Loose | undefined {
  const fields = objectOf(response);
  return objectOf(fields?.usage) ? fields : undefined;
}
