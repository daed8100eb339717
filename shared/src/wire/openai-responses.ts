// Pure. The JSON of the Responses API, as far as a gateway relies on it.
import { isLoose, textOf, type JsonObject, type JsonValue } from './json.ts';

/** A piece of a message or of a tool's output. */
export type ResponsesPart =
  | { readonly type: 'input_text' | 'output_text' | 'summary_text' | 'reasoning_text'; readonly text: string; readonly annotations?: readonly JsonValue[] }
  | { readonly type: 'input_image'; readonly image_url?: string; readonly file_id?: string; readonly detail?: string }
  | { readonly type: 'refusal'; readonly refusal: string };

/** One item of a conversation: what was said, called, given back or thought. */
export type ResponsesItem =
  | { readonly type?: 'message'; readonly id?: string; readonly role: 'user' | 'assistant' | 'system' | 'developer'; readonly content: string | readonly ResponsesPart[]; readonly status?: string }
  | { readonly type: 'function_call'; readonly id?: string; readonly call_id: string; readonly name: string; readonly namespace?: string; readonly arguments: string; readonly status?: string }
  | { readonly type: 'function_call_output'; readonly id?: string; readonly call_id: string; readonly output: string | readonly ResponsesPart[] }
  | { readonly type: 'custom_tool_call'; readonly id?: string; readonly call_id: string; readonly name: string; readonly input: string; readonly status?: string }
  | { readonly type: 'custom_tool_call_output'; readonly id?: string; readonly call_id: string; readonly output: string | readonly ResponsesPart[] }
  | { readonly type: 'reasoning'; readonly id?: string; readonly summary: readonly ResponsesPart[]; readonly content?: readonly ResponsesPart[] | null; readonly encrypted_content?: string | null }
  | { readonly type: 'additional_tools'; readonly id?: string; readonly role?: string; readonly tools: readonly ResponsesTool[] };

/** A tool that the client or the vendor offers. */
export type ResponsesTool = {
  readonly type: string;
  readonly name?: string;
  readonly description?: string;
  readonly parameters?: JsonObject;
  readonly strict?: boolean | null;
  readonly tools?: readonly ResponsesTool[];
};

/** The body of `POST /v1/responses`. */
export type ResponsesRequest = {
  readonly model: string;
  readonly input: string | readonly ResponsesItem[];
  readonly instructions?: string | null;
  readonly tools?: readonly ResponsesTool[];
  readonly tool_choice?: JsonValue;
  readonly parallel_tool_calls?: boolean;
  readonly max_output_tokens?: number | null;
  readonly reasoning?: { readonly effort?: string | null; readonly summary?: string | null } | null;
  readonly stream?: boolean | null;
  readonly store?: boolean | null;
  readonly prompt_cache_key?: string;
};

/** Tokens of one reply; `input_tokens` includes what was read from the cache. */
export type ResponsesUsage = {
  readonly input_tokens: number;
  readonly input_tokens_details?: { readonly cached_tokens?: number } | null;
  readonly output_tokens: number;
  readonly output_tokens_details?: { readonly reasoning_tokens?: number } | null;
  readonly total_tokens: number;
};

/** A reply, whole or as carried by the events at both ends of a stream. */
export type ResponsesReply = {
  readonly id: string;
  readonly object: 'response';
  readonly created_at: number;
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly model: string;
  readonly output: readonly ResponsesItem[];
  readonly usage?: ResponsesUsage | null;
  readonly error?: { readonly code: string; readonly message: string } | null;
  readonly incomplete_details?: { readonly reason: string } | null;
};

/** One event of a streamed reply; `sequence_number` counts from 0. */
export type ResponsesEvent = { readonly type: string; readonly sequence_number?: number } & (
  | { readonly type: 'response.created' | 'response.in_progress' | 'response.completed' | 'response.incomplete' | 'response.failed'; readonly response: ResponsesReply }
  | { readonly type: 'response.output_item.added' | 'response.output_item.done'; readonly output_index: number; readonly item: ResponsesItem }
  | { readonly type: 'response.content_part.added' | 'response.content_part.done'; readonly item_id: string; readonly output_index: number; readonly content_index: number; readonly part: ResponsesPart }
  | { readonly type: 'response.output_text.delta'; readonly item_id: string; readonly output_index: number; readonly content_index: number; readonly delta: string }
  | { readonly type: 'response.output_text.done'; readonly item_id: string; readonly output_index: number; readonly content_index: number; readonly text: string }
  | { readonly type: 'response.function_call_arguments.delta'; readonly item_id: string; readonly output_index: number; readonly delta: string }
  | { readonly type: 'response.function_call_arguments.done'; readonly item_id: string; readonly output_index: number; readonly arguments: string }
  | { readonly type: 'error'; readonly code: string | null; readonly message: string; readonly param?: string | null }
);

/** Events after which no further one follows. */
export const RESPONSES_TERMINAL: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** Tells whether a body has what every Responses request needs. */
export function isResponsesRequest(value: unknown): value is ResponsesRequest {
  return isLoose(value) && typeof value['model'] === 'string' && (typeof value['input'] === 'string' || Array.isArray(value['input']));
}

/** Tells whether a body is a whole Responses reply. */
export function isResponsesReply(value: unknown): value is ResponsesReply {
  return isLoose(value) && value['object'] === 'response' && Array.isArray(value['output']);
}

/** The type of a stream event; undefined when the data is no event. */
export function responsesEventType(value: unknown): string | undefined {
  return isLoose(value) ? textOf(value['type']) : undefined;
}
