// Pure. What a whole answer says, whatever dialect it came in.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { SealedThinkingPart, ServerToolPart, TextPart, ThinkingPart, ToolCallPart } from './conversation.ts';
import type { Loss } from './loss.ts';
import type { Stop } from './stop-reason.ts';

/** How likely a word was (natural logarithm), and which others might have stood there. */
export type Logprob = { readonly token: string; readonly logprob: number; readonly top: readonly { readonly token: string; readonly logprob: number }[] };

/** One piece of an answer. */
export type ReplyPart = (TextPart & { readonly logprobs?: readonly Logprob[] }) | ThinkingPart | SealedThinkingPart | ToolCallPart | ServerToolPart;

/** A whole answer. */
export type Reply = {
  readonly id: string;
  readonly model: string;
  readonly parts: readonly ReplyPart[];
  readonly stop: Stop;
  readonly reading: Reading | undefined;
  /** What was in the answer and has no place here. */
  readonly losses?: readonly Loss[];
};
