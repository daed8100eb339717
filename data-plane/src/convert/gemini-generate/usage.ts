// Pure.
import type { Reading, UnitKind, Units } from '@fairlead/shared/money/charge.ts';
import { countOf, listOf, looseOf, objectOf, textOf, wordOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { jsonOf } from '@fairlead/shared/wire/sse.ts';
import { unitsOf } from '../hub/units.ts';
import { openReader } from '../hub/stream-usage.ts';
import type { UsageReader } from '../hub/stream-usage.ts';
import { isBroken } from './stop-reasons.ts';

const inputKinds: Readonly<Record<string, UnitKind>> = { AUDIO: 'audio-input', IMAGE: 'image-input', VIDEO: 'video-input' };
const outputKinds: Readonly<Record<string, UnitKind>> = { AUDIO: 'audio-output', IMAGE: 'image-output' };

/** The tokens of sound and pictures among these details. */
function spent(details: unknown, kinds: Readonly<Record<string, UnitKind>>): Units {
  const found: Partial<Record<UnitKind, number>> = {};
  for (const item of looseOf(details)) {
    const kind = kinds[textOf(item.modality) ?? ''];
    if (kind !== undefined) found[kind] = (found[kind] ?? 0) + countOf(item.tokenCount);
  }
  return found;
}

/** The reading of a `usageMetadata` object; thoughts are charged as output, tool-use prompts as input. */
export function readingOf(usage: Loose): Reading {
  const prompt = countOf(usage.promptTokenCount) + countOf(usage.toolUsePromptTokenCount);
  const cached = Math.min(prompt, countOf(usage.cachedContentTokenCount));
  const thoughts = countOf(usage.thoughtsTokenCount);
  return { input: prompt - cached, output: countOf(usage.candidatesTokenCount) + thoughts, cacheRead: cached, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: thoughts, ...unitsOf({ ...spent(usage.promptTokensDetails, inputKinds), ...spent(usage.candidatesTokensDetails, outputKinds) }) };
}

/** The reading of a whole reply. */
export function readUsage(body: unknown): Reading | undefined {
  const usage = objectOf(objectOf(body)?.usageMetadata);
  return usage && readingOf(usage);
}

/** Every chunk repeats the usage so far; only the last counts. A finish reason or a blocked prompt ends; some reasons are failures. */
export function openUsageReader(): UsageReader {
  return openReader((frame, seen) => {
    const chunk = objectOf(jsonOf(frame));
    if (!chunk) return;
    if (chunk.error !== undefined) { seen.failed = wordOf(objectOf(chunk.error)?.message ?? 'error chunk'); return; }
    const reported = objectOf(chunk.usageMetadata);
    if (reported) seen.usage = reported;
    if (objectOf(chunk.promptFeedback)?.blockReason !== undefined) { seen.ended = true; seen.content = true; }
    for (const item of listOf(chunk.candidates)) {
      const candidate = objectOf(item);
      if (listOf(objectOf(candidate?.content)?.parts).some((part) => { const fields = objectOf(part); return fields !== undefined && (fields.text === undefined ? Object.keys(fields).length > 0 : fields.text !== ''); })) seen.content = true;
      if (isBroken(candidate?.finishReason)) seen.failed = wordOf(candidate?.finishReason);
      else if (candidate?.finishReason !== undefined && candidate.finishReason !== null) seen.ended = true;
    }
  }, readingOf);
}
