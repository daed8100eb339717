// Pure. What a request says, whatever dialect it came in.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';

/** Where an image or a file comes from. */
export type Source = { readonly kind: 'data'; readonly mediaType: string; readonly data: string } | { readonly kind: 'url'; readonly url: string };

/** A piece of text. */
export type TextPart = { readonly kind: 'text'; readonly text: string };

/** An image. */
export type ImagePart = { readonly kind: 'image'; readonly source: Source };

/** A document, such as a PDF. */
export type FilePart = { readonly kind: 'file'; readonly source: Source; readonly name: string | undefined };

/** A call of a tool; `input` is JSON text exactly as the model wrote it. */
export type ToolCallPart = { readonly kind: 'tool-call'; readonly id: string; readonly name: string; readonly input: string };

/** What a tool gave back. */
export type ToolResultPart = { readonly kind: 'tool-result'; readonly callId: string; readonly parts: readonly (TextPart | ImagePart | FilePart)[]; readonly isError: boolean };

/** Visible thinking; only the vendor that signed it takes the signature back. */
export type ThinkingPart = { readonly kind: 'thinking'; readonly text: string; readonly signature: string | undefined };

/** Thinking that only its vendor can read. */
export type SealedThinkingPart = { readonly kind: 'sealed-thinking'; readonly data: string };

/** One piece of a turn. */
export type Part = TextPart | ImagePart | FilePart | ToolCallPart | ToolResultPart | ThinkingPart | SealedThinkingPart;

/** What one side said; a system turn stands between the others, as a reminder. */
export type Turn = { readonly role: 'user' | 'assistant' | 'system'; readonly parts: readonly Part[] };

/** A tool of the client, with the JSON schema of its input. */
export type Tool = { readonly name: string; readonly description: string | undefined; readonly schema: Loose };

/** Which tool the model may or must call. */
export type ToolChoice = { readonly kind: 'auto' | 'none' | 'any' } | { readonly kind: 'one'; readonly name: string };

/** How much thought is asked for; a budget is in tokens. */
export type Effort = { readonly kind: 'off' } | { readonly kind: 'level'; readonly level: EffortLevel } | { readonly kind: 'budget'; readonly tokens: number };

/** Levels of effort that every dialect can be given. */
export type EffortLevel = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** The JSON schema that the answer must fit. */
export type AnswerFormat = { readonly name: string | undefined; readonly schema: Loose };

/** A request, without its vendor's accent. */
export type Conversation = {
  readonly model: string;
  readonly stream: boolean;
  readonly instructions: readonly TextPart[];
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | undefined;
  /** False when the model must call one tool at a time. */
  readonly parallelTools: boolean;
  readonly maxOutputTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly stopSequences: readonly string[];
  readonly effort: Effort | undefined;
  readonly format: AnswerFormat | undefined;
  /** Fields that only the dialect they came in knows, written back to that dialect alone. */
  readonly extras: { readonly dialect: DialectName; readonly fields: Loose };
};
