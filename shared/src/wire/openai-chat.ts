// Pure. The JSON of the Chat Completions API, as far as a gateway relies on it.
import { isLoose, textOf, type JsonObject, type JsonValue } from './json.ts';

/** A piece of a message. */
export type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string; readonly detail?: string } }
  | { readonly type: 'refusal'; readonly refusal: string }
  | { readonly type: 'input_audio'; readonly input_audio: { readonly data: string; readonly format: string } }
  | { readonly type: 'file'; readonly file: { readonly file_data?: string; readonly file_id?: string; readonly filename?: string } };

/** A call of one of the client's functions; its arguments are JSON text. Gemini's own Chat endpoint seals calls in `extra_content`. */
export type ChatToolCall =
  | { readonly id: string; readonly type: 'function'; readonly function: { readonly name: string; readonly arguments: string }; readonly extra_content?: JsonObject }
  | { readonly id: string; readonly type: 'custom'; readonly custom: { readonly name: string; readonly input: string } };

/** A page that a text is based on. */
export type ChatAnnotation = { readonly type: 'url_citation'; readonly url_citation: { readonly url: string; readonly title: string; readonly start_index: number; readonly end_index: number } };

/** How likely a word was, and which others might have stood there. */
export type ChatLogprob = { readonly token: string; readonly logprob: number; readonly bytes: null; readonly top_logprobs: readonly { readonly token: string; readonly logprob: number; readonly bytes: null }[] };

/** One message of a conversation. */
export type ChatMessage =
  | { readonly role: 'system' | 'developer' | 'user'; readonly content: string | readonly ChatPart[]; readonly name?: string }
  | ChatAssistantMessage
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string | readonly ChatPart[] };

/** What the model said; `reasoning_content` is what many compatible servers add. */
export type ChatAssistantMessage = {
  readonly role: 'assistant';
  readonly content?: string | readonly ChatPart[] | null;
  readonly refusal?: string | null;
  readonly reasoning_content?: string | null;
  /** What OpenRouter adds: thinking with its signatures, to be sent back as it came. */
  readonly reasoning_details?: readonly JsonValue[];
  readonly annotations?: readonly ChatAnnotation[];
  readonly tool_calls?: readonly ChatToolCall[];
};

/** A function that the client offers. */
export type ChatTool = {
  readonly type: 'function';
  readonly function: { readonly name: string; readonly description?: string; readonly parameters?: JsonObject; readonly strict?: boolean | null };
};

/** Which function the model may or must call. */
export type ChatToolChoice = 'none' | 'auto' | 'required' | { readonly type: 'function'; readonly function: { readonly name: string } };

/** The body of `POST /v1/chat/completions`. */
export type ChatRequest = {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ChatTool[];
  readonly tool_choice?: ChatToolChoice;
  readonly parallel_tool_calls?: boolean;
  readonly max_tokens?: number | null;
  readonly max_completion_tokens?: number | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean } | null;
  readonly reasoning_effort?: string | null;
  readonly response_format?: JsonValue;
  readonly user?: string;
  readonly seed?: number;
  readonly frequency_penalty?: number;
  readonly presence_penalty?: number;
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
  readonly verbosity?: string;
  readonly service_tier?: string;
  readonly prompt_cache_key?: string;
  readonly metadata?: { readonly [name: string]: string };
};

/** Why the model stopped. */
export type ChatFinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

/** Tokens of one reply; `prompt_tokens` includes what was read from the cache. */
export type ChatUsage = {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number } | null;
};

/** The whole reply of `POST /v1/chat/completions`. */
export type ChatReply = {
  readonly id: string;
  readonly object: 'chat.completion';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly { readonly index: number; readonly message: ChatAssistantMessage; readonly finish_reason: ChatFinishReason; readonly logprobs?: { readonly content: readonly ChatLogprob[] | null } | null }[];
  readonly usage?: ChatUsage;
};

/** The change to a message that one chunk of a stream brings. */
export type ChatDelta = {
  readonly role?: 'assistant';
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly reasoning_content?: string | null;
  readonly reasoning_details?: readonly JsonValue[];
  readonly annotations?: readonly ChatAnnotation[];
  readonly tool_calls?: readonly {
    readonly index: number;
    readonly id?: string;
    readonly type?: 'function' | 'custom';
    readonly function?: { readonly name?: string; readonly arguments?: string };
    readonly custom?: { readonly name?: string; readonly input?: string };
    readonly extra_content?: JsonObject;
  }[];
};

/** One chunk of a streamed reply; after the last one the text `[DONE]` follows. */
export type ChatChunk = {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly { readonly index: number; readonly delta: ChatDelta; readonly finish_reason: ChatFinishReason | null; readonly logprobs?: { readonly content: readonly ChatLogprob[] | null } | null }[];
  readonly usage?: ChatUsage | null;
};

/** The data of the frame that ends a stream. */
export const CHAT_DONE = '[DONE]';

/** An error body, shared by Chat Completions and Responses. */
export type OpenAiError = {
  readonly error: { readonly message: string; readonly type: string; readonly param: string | null; readonly code: string | null };
};

/** Tells whether a body has what every Chat request needs. */
export function isChatRequest(value: unknown): value is ChatRequest {
  return isLoose(value) && typeof value['model'] === 'string' && Array.isArray(value['messages']);
}

/** Tells whether a body is a whole Chat reply. */
export function isChatReply(value: unknown): value is ChatReply {
  return isLoose(value) && Array.isArray(value['choices']) && value['object'] !== 'chat.completion.chunk';
}

/** Tells whether a frame's data is a chunk of a streamed reply. */
export function isChatChunk(value: unknown): value is ChatChunk {
  return isLoose(value) && Array.isArray(value['choices']);
}

/** Tells whether a body or frame is an error; only the message can be relied on. */
export function isOpenAiError(value: unknown): value is { readonly error: { readonly message: string } } {
  return isLoose(value) && isLoose(value['error']) && textOf(value['error']['message']) !== undefined;
}
