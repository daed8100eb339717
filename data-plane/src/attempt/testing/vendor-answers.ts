// Pure. What a vendor of each dialect answers when it is well, and how it says an error; written from their public documentation.
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';

/** The words of every healthy answer. */
export const healthyText = 'Hello, hé!';

/** A healthy answer in one dialect. */
export interface VendorAnswer {
  whole: string;
  /** Frames before any content, frames with content, frames that end it. */
  opening: string[];
  content: string[];
  ending: string[];
  /** The event with which a stream says that it failed. */
  errorEvent: string;
}

const words = ['Hello, ', 'hé!'];
const event = (body: { type: string } & Record<string, unknown>) => `event: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`;
const data = (body: unknown) => `data: ${JSON.stringify(body)}\n\n`;

/** The healthy answer of a dialect. */
export function vendorAnswer(dialect: DialectName): VendorAnswer {
  switch (dialect) {
    case 'anthropic-messages': return messages;
    case 'openai-chat': return chat;
    case 'openai-responses': return responses;
    case 'gemini-generate': return gemini;
  }
}

/** An error in a vendor's own shape. */
export function vendorError(dialect: DialectName, status: number, message: string): string {
  switch (dialect) {
    case 'anthropic-messages': return JSON.stringify({ type: 'error', error: { type: 'api_error', message }, request_id: 'req_1' });
    case 'openai-chat': case 'openai-responses': return JSON.stringify({ error: { message, type: 'api_error', param: null, code: null } });
    case 'gemini-generate': return JSON.stringify({ error: { code: status, message, status: 'INTERNAL' } });
  }
}

const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_sequence: null };
const messages: VendorAnswer = {
  whole: JSON.stringify({ ...message, content: [{ type: 'text', text: healthyText }], stop_reason: 'end_turn', usage: { input_tokens: 9, output_tokens: 5 } }),
  opening: [event({ type: 'message_start', message: { ...message, content: [], stop_reason: null, usage: { input_tokens: 9, output_tokens: 1 } } }), event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }), event({ type: 'ping' })],
  content: words.map((text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
  ending: [event({ type: 'content_block_stop', index: 0 }), event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 5 } }), event({ type: 'message_stop' })],
  errorEvent: event({ type: 'error', error: { type: 'api_error', message: 'Internal server error' } }),
};

const chunk = (choices: unknown[], more = {}) => data({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...more });
const delta = (fields: unknown, finish_reason: string | null = null) => chunk([{ index: 0, delta: fields, finish_reason }]);
const chatUsage = { usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 } };
const chat: VendorAnswer = {
  whole: JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: healthyText }, finish_reason: 'stop' }], ...chatUsage }),
  opening: [delta({ role: 'assistant', content: '' })],
  content: words.map((content) => delta({ content })),
  ending: [delta({}, 'stop'), chunk([], chatUsage), 'data: [DONE]\n\n'],
  errorEvent: data({ error: { message: 'The server had an error', type: 'server_error', param: null, code: null } }),
};

const part = { type: 'output_text', text: healthyText, annotations: [] };
const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [part] };
const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', error: null, incomplete_details: null };
const answered = { ...response, status: 'completed', output: [item], usage: { input_tokens: 9, input_tokens_details: { cached_tokens: 0 }, output_tokens: 5, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 14 } };
const at = { output_index: 0, item_id: 'msg_1', content_index: 0 };
const responses: VendorAnswer = {
  whole: JSON.stringify(answered),
  opening: [event({ type: 'response.created', sequence_number: 0, response: { ...response, status: 'in_progress', output: [] } }), event({ type: 'response.in_progress', sequence_number: 1, response: { ...response, status: 'in_progress', output: [] } })],
  content: [
    event({ type: 'response.output_item.added', sequence_number: 2, output_index: 0, item: { ...item, status: 'in_progress', content: [] } }) + event({ type: 'response.content_part.added', sequence_number: 3, ...at, part: { ...part, text: '' } }) + event({ type: 'response.output_text.delta', sequence_number: 4, ...at, delta: words[0] }),
    event({ type: 'response.output_text.delta', sequence_number: 5, ...at, delta: words[1] }),
  ],
  ending: [event({ type: 'response.output_text.done', sequence_number: 6, ...at, text: healthyText }), event({ type: 'response.content_part.done', sequence_number: 7, ...at, part }), event({ type: 'response.output_item.done', sequence_number: 8, output_index: 0, item }), event({ type: 'response.completed', sequence_number: 9, response: answered })],
  errorEvent: event({ type: 'response.failed', sequence_number: 10, response: { ...response, status: 'failed', output: [], error: { code: 'server_error', message: 'The model failed' } } }),
};

const candidate = (parts: unknown[], more = {}) => ({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }], modelVersion: 'm', responseId: 'r1' });
const geminiUsage = { usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 5, totalTokenCount: 14 } };
const gemini: VendorAnswer = {
  whole: JSON.stringify({ ...candidate([{ text: healthyText }], { finishReason: 'STOP' }), ...geminiUsage }),
  opening: [data({ ...candidate([]), ...geminiUsage })],
  content: words.map((text) => data({ ...candidate([{ text }]), ...geminiUsage })),
  ending: [data({ ...candidate([{ text: '' }], { finishReason: 'STOP' }), ...geminiUsage })],
  errorEvent: data({ error: { code: 500, message: 'An internal error has occurred', status: 'INTERNAL' } }),
};
