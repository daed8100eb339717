// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import { countOf, listOf, objectOf, wordOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { jsonOf } from '@fairlead/shared/wire/sse.ts';
import { serviceGiven, unitsOf } from '../hub/units.ts';
import { openReader } from '../hub/stream-usage.ts';
import type { UsageReader } from '../hub/stream-usage.ts';

/** The reading of a `usage` object; cached prompt tokens are part of `prompt_tokens` there, and apart here. */
export function readingOf(usage: Loose): Reading {
  const prompt = countOf(usage.prompt_tokens);
  const details = objectOf(usage.prompt_tokens_details);
  const cached = Math.min(prompt, countOf(details?.cached_tokens));
  const written = Math.min(prompt - cached, countOf(details?.cache_write_tokens));
  return { input: prompt - cached - written, output: countOf(usage.completion_tokens), cacheRead: cached, cacheWrite5m: written, cacheWrite1h: 0, reasoning: countOf(objectOf(usage.completion_tokens_details)?.reasoning_tokens), ...unitsOf({ 'audio-input': countOf(details?.audio_tokens), 'image-input': countOf(details?.image_tokens), 'audio-output': countOf(objectOf(usage.completion_tokens_details)?.audio_tokens) }), ...serviceGiven(usage.service_tier) };
}

/** The usage that an object reports, with the grade of service that it names beside it. */
function usageIn(body: Loose | undefined): Loose | undefined {
  const usage = objectOf(body?.usage);
  return usage && typeof body?.service_tier === 'string' ? { ...usage, service_tier: body.service_tier } : usage;
}

/** The reading of a whole reply. */
export function readUsage(body: unknown): Reading | undefined {
  const usage = usageIn(objectOf(body));
  return usage && readingOf(usage);
}

/** Usage comes in a last chunk of its own; some vendors repeat it, and the last one counts. `[DONE]` or a finish reason ends. */
export function openUsageReader(): UsageReader {
  return openReader((frame, seen) => {
    if (frame.data === '[DONE]') { seen.ended = true; return; }
    const chunk = objectOf(jsonOf(frame));
    if (!chunk) return;
    if (chunk.error !== undefined && chunk.error !== null) { seen.failed = wordOf(objectOf(chunk.error)?.message ?? 'error chunk'); return; }
    const reported = usageIn(chunk);
    if (reported) seen.usage = reported;
    for (const item of listOf(chunk.choices)) {
      const choice = objectOf(item);
      const delta = objectOf(choice?.delta);
      if (delta && (hasText(delta.content) || hasText(delta.reasoning_content) || hasText(delta.reasoning) || hasText(delta.refusal) || listOf(delta.tool_calls).length > 0)) seen.content = true;
      if (choice?.finish_reason !== undefined && choice.finish_reason !== null) seen.ended = true;
    }
  }, readingOf);
}

function hasText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
