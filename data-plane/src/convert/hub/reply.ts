// Pure. What a whole answer says, whatever dialect it came in.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { SealedThinkingPart, TextPart, ThinkingPart, ToolCallPart } from './conversation.ts';
import type { Stop } from './stop-reason.ts';

/** One piece of an answer. */
export type ReplyPart = TextPart | ThinkingPart | SealedThinkingPart | ToolCallPart;

/** A whole answer. */
export type Reply = {
  readonly id: string;
  readonly model: string;
  readonly parts: readonly ReplyPart[];
  readonly stop: Stop;
  readonly reading: Reading | undefined;
};
