// Pure. The JSON of the Chat Completions API, as far as a gateway relies on it.
import { isLoose, textOf, type JsonObject, type JsonValue } from './json.ts';

/** A piece of a message. */
export type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string; readonly detail?: string } }
  | { readonly type: 'refusal'; readonly refusal: string }
  | { readonly type: 'input_audio'; readonly input_audio: { readonly data: string; readonly format: string } }
  | { readonly type: 'file'; readonly file: { readonly file_data?: string; readonly file_id?: string; readonly filename?: string } };

/** A call of one of the client's functions; its arguments are JSON text. */
export type ChatToolCall = { readonly id: string; readonly type: 'function'; readonly function: { readonly name: string; readonly arguments: string } };

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
  readonly choices: readonly { readonly index: number; readonly message: ChatAssistantMessage; readonly finish_reason: ChatFinishReason; readonly logprobs?: null }[];
  readonly usage?: ChatUsage;
};

/** The change to a message that one chunk of a stream brings. */
export type ChatDelta = {
  readonly role?: 'assistant';
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly reasoning_content?: string | null;
  readonly tool_calls?: readonly {
    readonly index: number;
    readonly id?: string;
    readonly type?: 'function';
    readonly function?: { readonly name?: string; readonly arguments?: string };
  }[];
};

/** One chunk of a streamed reply; after the last one the text `[DONE]` follows. */
export type ChatChunk = {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly { readonly index: number; readonly delta: ChatDelta; readonly finish_reason: ChatFinishReason | null; readonly logprobs?: null }[];
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
