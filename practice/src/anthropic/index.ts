// Pure. The Messages API as this vendor speaks it.
import type { Dialect } from '../dialect.ts';
import { readMessages } from './read.ts';
import { messagesError, messagesReply } from './reply.ts';
import { messagesBroken, messagesSteps } from './stream.ts';
import { validateMessages } from './validate.ts';

/** The Messages API; `count` makes the variant for the endpoint that only counts. */
export function anthropicMessages(count: boolean): Dialect {
  return {
    name: 'anthropic-messages',
    cacheRule: { kind: 'marked' },
    read(body) {
      const read = validateMessages(body, count);
      return 'refusal' in read ? read : { prompt: readMessages(read.checked) };
    },
    whole: messagesReply,
    steps: messagesSteps,
    counted: (inputTokens) => ({ input_tokens: inputTokens }),
    error: messagesError,
    brokenStep: messagesBroken,
    unknownModel: (model) => ({ status: 404, message: `model: ${model}` }),
    badCredential: { status: 401, message: 'invalid x-api-key' },
    models: (names) => ({
      data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' })),
      has_more: false,
      first_id: names[0] ?? null,
      last_id: names.at(-1) ?? null,
    }),
  };
}
