// Pure. The Chat Completions API as this vendor speaks it.
import type { Dialect } from '../dialect.ts';
import { OPENAI_BAD_CREDENTIAL, openAiError, openAiModels, openAiUnknownModel } from '../openai-wording.ts';
import { readChat } from './read.ts';
import { chatReply } from './reply.ts';
import { chatBroken, chatSteps } from './stream.ts';
import { validateChat } from './validate.ts';

/** The Chat Completions API. */
export const openAiChat: Dialect = {
  name: 'openai-chat',
  cacheRule: { kind: 'automatic', least: 1024, step: 128 },
  read(body) {
    const read = validateChat(body);
    return 'refusal' in read ? read : { prompt: readChat(read.checked) };
  },
  whole: chatReply,
  steps: chatSteps,
  counted: (inputTokens) => ({ input_tokens: inputTokens }),
  error: openAiError,
  brokenStep: chatBroken,
  unknownModel: openAiUnknownModel,
  badCredential: OPENAI_BAD_CREDENTIAL,
  models: openAiModels,
};
