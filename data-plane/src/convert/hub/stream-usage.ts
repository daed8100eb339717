// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';

/** Watches an upstream's stream for what it used and how it ended. */
export interface UsageReader {
  push(frame: SseFrame): void;
  /** What was reported so far. */
  reading(): Reading | undefined;
  /** True after the dialect's own end of a whole answer. */
  ended(): boolean;
  /** What an error event said. */
  failed(): string | undefined;
  /** True when something the client would miss has come: text, thinking, a tool call. */
  hasContent(): boolean;
}

/** What has been seen of a stream; a dialect's rule fills it in frame by frame. */
export interface Seen { usage?: Loose | undefined; ended: boolean; failed?: string; content: boolean }

/** A reader that keeps what `see` finds in each frame. */
export function openReader(see: (frame: SseFrame, seen: Seen) => void, readingOf: (usage: Loose) => Reading): UsageReader {
  const seen: Seen = { ended: false, content: false };
  return {
    push: (frame) => see(frame, seen),
    reading: () => seen.usage && readingOf(seen.usage),
    ended: () => seen.ended,
    failed: () => seen.failed,
    hasContent: () => seen.content,
  };
}
