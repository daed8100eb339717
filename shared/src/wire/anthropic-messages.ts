// Pure. The JSON of the Messages API, as far as a gateway relies on it; unknown fields are never refused here.
import { isLoose, textOf, type JsonObject, type JsonValue } from './json.ts';

/** Marks the end of a prefix that the vendor may cache. */
export type CacheControl = { readonly type: 'ephemeral'; readonly ttl?: '5m' | '1h' };

/** Where an image or document comes from. */
export type BlockSource =
  | { readonly type: 'base64'; readonly media_type: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'text'; readonly media_type: string; readonly data: string }
  | { readonly type: 'file'; readonly file_id: string };

/** What a text is based on: a page that was found, or a place in a document. */
export type TextCitation = { readonly type: string; readonly url?: string; readonly title?: string | null; readonly document_title?: string | null; readonly cited_text?: string; readonly encrypted_index?: string };

/** A piece of text. */
export type TextBlock = { readonly type: 'text'; readonly text: string; readonly citations?: readonly TextCitation[] | null; readonly cache_control?: CacheControl };

/** An image. */
export type ImageBlock = { readonly type: 'image'; readonly source: BlockSource; readonly cache_control?: CacheControl };

/** A document, such as a PDF. */
export type DocumentBlock = { readonly type: 'document'; readonly source: BlockSource; readonly title?: string; readonly cache_control?: CacheControl };

/** A call of a tool that the client runs. */
export type ToolUseBlock = { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: JsonValue; readonly cache_control?: CacheControl };

/** What a tool gave back. */
export type ToolResultBlock = {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content?: string | readonly ContentBlock[];
  readonly is_error?: boolean;
  readonly cache_control?: CacheControl;
};

/** Names a deferred tool inside a tool's result. */
export type ToolReferenceBlock = { readonly type: 'tool_reference'; readonly tool_name: string };

/** The model's visible thinking; only its vendor can check the signature. */
export type ThinkingBlock = { readonly type: 'thinking'; readonly thinking: string; readonly signature?: string };

/** Thinking that only its vendor can read. */
export type RedactedThinkingBlock = { readonly type: 'redacted_thinking'; readonly data: string };

/** A call of a tool that the vendor runs itself. */
export type ServerToolUseBlock = { readonly type: 'server_tool_use'; readonly id: string; readonly name: string; readonly input: JsonValue };

/** What such a tool gave back. */
export type ServerToolResultBlock = { readonly type: 'web_search_tool_result' | 'web_fetch_tool_result' | 'code_execution_tool_result' | 'bash_code_execution_tool_result'; readonly tool_use_id: string; readonly content: JsonValue };

/** The blocks a gateway knows; others pass as they are. */
export type ContentBlock = TextBlock | ImageBlock | DocumentBlock | ToolUseBlock | ToolResultBlock | ToolReferenceBlock | ThinkingBlock | RedactedThinkingBlock | ServerToolUseBlock | ServerToolResultBlock;

/** One turn; current clients also put `system` turns between the others. */
export type MessagesMessage = { readonly role: 'user' | 'assistant' | 'system'; readonly content: string | readonly ContentBlock[] };

/** A tool that the client offers; server tools have a `type` of their own and no schema. */
export type MessagesTool = {
  readonly type?: string;
  readonly name: string;
  readonly description?: string;
  readonly input_schema?: JsonObject;
  readonly strict?: boolean;
  readonly max_uses?: number;
  readonly allowed_domains?: readonly string[];
  readonly blocked_domains?: readonly string[];
  readonly cache_control?: CacheControl;
};

/** Which tool the model may or must call. */
export type MessagesToolChoice =
  | { readonly type: 'auto' | 'any'; readonly disable_parallel_tool_use?: boolean }
  | { readonly type: 'tool'; readonly name: string; readonly disable_parallel_tool_use?: boolean }
  | { readonly type: 'none' };

/** How the model may think before it answers. */
export type MessagesThinking =
  | { readonly type: 'enabled'; readonly budget_tokens: number; readonly display?: string }
  | { readonly type: 'adaptive' | 'disabled' | 'between_tools'; readonly display?: string };

/** The body of `POST /v1/messages`. */
export type MessagesRequest = {
  readonly model: string;
  readonly messages: readonly MessagesMessage[];
  readonly max_tokens: number;
  readonly system?: string | readonly TextBlock[];
  readonly tools?: readonly MessagesTool[];
  readonly tool_choice?: MessagesToolChoice;
  readonly thinking?: MessagesThinking;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly stop_sequences?: readonly string[];
  readonly stream?: boolean;
  readonly metadata?: { readonly user_id?: string };
  readonly service_tier?: string;
  readonly output_config?: { readonly effort?: string; readonly format?: JsonValue };
};

/** Why the model stopped. */
export type MessagesStopReason = 'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'pause_turn' | 'refusal' | 'model_context_window_exceeded';

/** Tokens of one reply; `input_tokens` leaves out what was read from or written to the cache. */
export type MessagesUsage = {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly cache_creation?: { readonly ephemeral_5m_input_tokens: number; readonly ephemeral_1h_input_tokens: number } | null;
  readonly output_tokens_details?: { readonly thinking_tokens?: number } | null;
};

/** The whole reply of `POST /v1/messages`. */
export type MessagesReply = {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly ContentBlock[];
  readonly stop_reason: MessagesStopReason | null;
  readonly stop_sequence: string | null;
  readonly usage: MessagesUsage;
};

/** The change to an open block. */
export type BlockDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'citations_delta'; readonly citation: TextCitation };

/** One event of a streamed reply; the frame's name repeats its type. */
export type MessagesEvent =
  | { readonly type: 'message_start'; readonly message: MessagesReply }
  | { readonly type: 'content_block_start'; readonly index: number; readonly content_block: ContentBlock }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: BlockDelta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | { readonly type: 'message_delta'; readonly delta: { readonly stop_reason: MessagesStopReason | null; readonly stop_sequence: string | null }; readonly usage: Partial<MessagesUsage> }
  | { readonly type: 'message_stop' }
  | { readonly type: 'ping' }
  | MessagesError;

/** An error, as a body or as an event of a stream. */
export type MessagesError = { readonly type: 'error'; readonly error: { readonly type: string; readonly message: string }; readonly request_id?: string };

/** Tells whether a body has what every Messages request needs. */
export function isMessagesRequest(value: unknown): value is MessagesRequest {
  return isLoose(value) && typeof value['model'] === 'string' && Array.isArray(value['messages']);
}

/** Tells whether a body is a whole Messages reply. */
export function isMessagesReply(value: unknown): value is MessagesReply {
  return isLoose(value) && value['type'] === 'message' && Array.isArray(value['content']);
}

/** Tells whether a body or event is an error of the Messages API. */
export function isMessagesError(value: unknown): value is MessagesError {
  return isLoose(value) && value['type'] === 'error' && isLoose(value['error']) && textOf(value['error']['message']) !== undefined;
}
