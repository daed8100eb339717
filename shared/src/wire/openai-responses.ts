// Pure. The JSON of the Responses API, as far as a gateway relies on it.
import { isLoose, textOf, type JsonObject } from './json.ts';

/** How likely a word was, and which others might have stood there. */
export type ResponsesLogprob = { readonly token: string; readonly logprob: number; readonly bytes: readonly number[]; readonly top_logprobs: readonly { readonly token: string; readonly logprob: number; readonly bytes: readonly number[] }[] };

/** A page that a text is based on, by its place in the text. */
export type ResponsesAnnotation = { readonly type: 'url_citation'; readonly url: string; readonly title: string; readonly start_index: number; readonly end_index: number };

/** A piece of a message or of a tool's output. */
export type ResponsesPart =
  | { readonly type: 'input_text' | 'summary_text' | 'reasoning_text'; readonly text: string }
  | { readonly type: 'output_text'; readonly text: string; readonly annotations?: readonly ResponsesAnnotation[]; readonly logprobs?: readonly ResponsesLogprob[] }
  | { readonly type: 'input_image'; readonly image_url?: string; readonly file_id?: string; readonly detail?: string }
  | { readonly type: 'input_file'; readonly file_data?: string; readonly file_url?: string; readonly file_id?: string; readonly filename?: string }
  | { readonly type: 'refusal'; readonly refusal: string };

/** What a search of the vendor's own did: it looked for something, or opened a page. */
export type ResponsesSearchAction =
  | { readonly type: 'search'; readonly query: string; readonly queries?: readonly string[]; readonly sources?: readonly { readonly type: 'url'; readonly url: string }[] }
  | { readonly type: 'open_page'; readonly url: string };

/** One item of a conversation: what was said, called, given back or thought. */
export type ResponsesItem =
  | { readonly type?: 'message'; readonly id?: string; readonly role: 'user' | 'assistant' | 'system' | 'developer'; readonly content: string | readonly ResponsesPart[]; readonly status?: string }
  | { readonly type: 'function_call'; readonly id?: string; readonly call_id: string; readonly name: string; readonly namespace?: string; readonly arguments: string; readonly status?: string }
  | { readonly type: 'function_call_output'; readonly id?: string; readonly call_id: string; readonly output: string | readonly ResponsesPart[] }
  | { readonly type: 'custom_tool_call'; readonly id?: string; readonly call_id: string; readonly name: string; readonly namespace?: string; readonly input: string; readonly status?: string }
  | { readonly type: 'custom_tool_call_output'; readonly id?: string; readonly call_id: string; readonly output: string | readonly ResponsesPart[] }
  | { readonly type: 'reasoning'; readonly id?: string; readonly summary: readonly ResponsesPart[]; readonly content?: readonly ResponsesPart[] | null; readonly encrypted_content?: string | null }
  | { readonly type: 'web_search_call'; readonly id: string; readonly status: string; readonly action: ResponsesSearchAction }
  | { readonly type: 'code_interpreter_call'; readonly id: string; readonly status: string; readonly code: string; readonly container_id: string; readonly outputs: readonly { readonly type: 'logs'; readonly logs: string }[] | null }
  | { readonly type: 'additional_tools'; readonly id?: string; readonly role?: string; readonly tools: readonly ResponsesTool[] };

/** A tool that the client or the vendor offers. */
export type ResponsesTool = {
  readonly type: string;
  readonly name?: string;
  readonly description?: string;
  readonly parameters?: JsonObject;
  readonly strict?: boolean | null;
  /** How the text of a custom tool must read. */
  readonly format?: JsonObject;
  /** The tools of a namespace. */
  readonly tools?: readonly ResponsesTool[];
  /** What a search is held to. */
  readonly filters?: { readonly allowed_domains?: readonly string[]; readonly blocked_domains?: readonly string[] };
  readonly container?: JsonObject;
};

/** Which tool the model may or must call. */
export type ResponsesToolChoice =
  | 'none' | 'auto' | 'required'
  | { readonly type: 'function' | 'custom'; readonly name: string; readonly namespace?: string }
  | { readonly type: 'allowed_tools'; readonly mode: 'auto' | 'required'; readonly tools: readonly { readonly type: 'function' | 'custom'; readonly name: string }[] };

/** What form the text of an answer has, and how many words it makes. */
export type ResponsesText = {
  readonly format?: { readonly type: 'text' | 'json_object' } | { readonly type: 'json_schema'; readonly name: string; readonly schema: JsonObject; readonly strict?: boolean };
  readonly verbosity?: string;
};

/** The body of `POST /v1/responses`. */
export type ResponsesRequest = {
  readonly model: string;
  readonly input: string | readonly ResponsesItem[];
  readonly instructions?: string | null;
  readonly tools?: readonly ResponsesTool[];
  readonly tool_choice?: ResponsesToolChoice;
  readonly parallel_tool_calls?: boolean;
  readonly max_output_tokens?: number | null;
  readonly max_tool_calls?: number | null;
  readonly reasoning?: { readonly effort?: string | null; readonly summary?: string | null } | null;
  readonly text?: ResponsesText;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly top_logprobs?: number | null;
  readonly include?: readonly string[];
  readonly stream?: boolean | null;
  readonly store?: boolean | null;
  readonly prompt_cache_key?: string;
  readonly service_tier?: string;
  readonly user?: string;
  readonly metadata?: { readonly [name: string]: string };
};

/** Tokens of one reply; `input_tokens` includes what was read from the cache. */
export type ResponsesUsage = {
  readonly input_tokens: number;
  readonly input_tokens_details?: { readonly cached_tokens?: number; readonly cache_write_tokens?: number } | null;
  readonly output_tokens: number;
  readonly output_tokens_details?: { readonly reasoning_tokens?: number } | null;
  readonly total_tokens: number;
};

/** A reply, whole or as carried by the events at both ends of a stream; it repeats what was asked. */
export type ResponsesReply = ResponsesEcho & {
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

/** What a reply repeats of its request. */
export type ResponsesEcho = {
  readonly background?: boolean;
  readonly instructions?: string | null;
  readonly max_output_tokens?: number | null;
  readonly metadata?: { readonly [name: string]: string };
  readonly parallel_tool_calls?: boolean;
  readonly previous_response_id?: null;
  readonly prompt_cache_key?: string | null;
  readonly reasoning?: { readonly effort: string | null; readonly summary: string | null };
  readonly service_tier?: string;
  readonly store?: boolean;
  readonly temperature?: number | null;
  readonly text?: ResponsesText;
  readonly tool_choice?: ResponsesToolChoice;
  readonly tools?: readonly ResponsesTool[];
  readonly top_logprobs?: number;
  readonly top_p?: number | null;
  readonly truncation?: 'disabled';
  readonly user?: string | null;
};

type OfItem = { readonly item_id: string; readonly output_index: number };
type OfPart = OfItem & { readonly content_index: number };
type OfSummary = OfItem & { readonly summary_index: number };

/** One event of a streamed reply; `sequence_number` counts from 0. */
export type ResponsesEvent = { readonly type: string; readonly sequence_number?: number } & (
  | { readonly type: 'response.created' | 'response.in_progress' | 'response.completed' | 'response.incomplete' | 'response.failed'; readonly response: ResponsesReply }
  | { readonly type: 'response.output_item.added' | 'response.output_item.done'; readonly output_index: number; readonly item: ResponsesItem }
  | (OfPart & { readonly type: 'response.content_part.added' | 'response.content_part.done'; readonly part: ResponsesPart })
  | (OfPart & { readonly type: 'response.output_text.delta'; readonly delta: string; readonly logprobs: readonly ResponsesLogprob[] })
  | (OfPart & { readonly type: 'response.output_text.done'; readonly text: string; readonly logprobs: readonly ResponsesLogprob[] })
  | (OfPart & { readonly type: 'response.output_text.annotation.added'; readonly annotation_index: number; readonly annotation: ResponsesAnnotation })
  | (OfPart & { readonly type: 'response.refusal.delta'; readonly delta: string })
  | (OfPart & { readonly type: 'response.refusal.done'; readonly refusal: string })
  | (OfSummary & { readonly type: 'response.reasoning_summary_part.added' | 'response.reasoning_summary_part.done'; readonly part: ResponsesPart })
  | (OfSummary & { readonly type: 'response.reasoning_summary_text.delta'; readonly delta: string })
  | (OfSummary & { readonly type: 'response.reasoning_summary_text.done'; readonly text: string })
  | (OfItem & { readonly type: 'response.function_call_arguments.delta' | 'response.custom_tool_call_input.delta' | 'response.code_interpreter_call_code.delta'; readonly delta: string })
  | (OfItem & { readonly type: 'response.function_call_arguments.done'; readonly name: string; readonly arguments: string })
  | (OfItem & { readonly type: 'response.custom_tool_call_input.done'; readonly input: string })
  | (OfItem & { readonly type: 'response.code_interpreter_call_code.done'; readonly code: string })
  | (OfItem & { readonly type: `response.web_search_call.${'in_progress' | 'searching' | 'completed'}` | `response.code_interpreter_call.${'in_progress' | 'interpreting' | 'completed'}` })
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
