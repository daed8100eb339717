// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import { countOf, listOf, objectOf, parseJson } from '@fairlead/shared/wire/json.ts';
import type { UsageReader } from '../usage-reader.ts';

/** The reading of a `usageMetadata` object; thoughts are charged as output, tool-use prompts as input. */
export function readingOf(usage: Record<string, unknown>): Reading {
  const prompt = countOf(usage.promptTokenCount) + countOf(usage.toolUsePromptTokenCount);
  const cached = Math.min(prompt, countOf(usage.cachedContentTokenCount));
  const thoughts = countOf(usage.thoughtsTokenCount);
  return { input: prompt - cached, output: countOf(usage.candidatesTokenCount) + thoughts, cacheRead: cached, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: thoughts };
}

/** The reading of a whole reply. */
export function readUsage(body: unknown): Reading | undefined {
  const usage = objectOf(objectOf(body)?.usageMetadata);
  return usage && readingOf(usage);
}

/** Every chunk repeats the usage so far; only the last counts. A finish reason or a blocked prompt ends. */
export function openUsageReader(): UsageReader {
  let usage: Record<string, unknown> | undefined;
  let ended = false;
  let failed: string | undefined;
  let content = false;
  return {
    push(frame) {
      const chunk = objectOf(parseJson(frame.data));
      if (!chunk) return;
      if (chunk.error !== undefined) { failed = String(objectOf(chunk.error)?.message ?? 'error chunk'); return; }
      const reported = objectOf(chunk.usageMetadata);
      if (reported) usage = reported;
      if (objectOf(chunk.promptFeedback)?.blockReason !== undefined) { ended = true; content = true; }
      for (const item of listOf(chunk.candidates)) {
        const candidate = objectOf(item);
        if (listOf(objectOf(candidate?.content)?.parts).some((part) => { const fields = objectOf(part); return fields !== undefined && (fields.text === undefined ? Object.keys(fields).length > 0 : fields.text !== ''); })) content = true;
        if (candidate?.finishReason !== undefined) ended = true;
      }
    },
    reading: () => usage && readingOf(usage),
    ended: () => ended,
    failed: () => failed,
    hasContent: () => content,
  };
}
