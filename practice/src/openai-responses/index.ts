// Pure. The Responses API as this vendor speaks it.
import type { Dialect } from '../dialect.ts';
import { OPENAI_BAD_CREDENTIAL, openAiError, openAiModels, openAiUnknownModel } from '../openai-wording.ts';
import { readResponses } from './read.ts';
import { responsesReply } from './reply.ts';
import { responsesBroken, responsesSteps } from './stream.ts';
import { validateResponses } from './validate.ts';

/** The Responses API. */
export const openAiResponses: Dialect = {
  name: 'openai-responses',
  cacheRule: { kind: 'automatic', least: 1024, step: 128 },
  read(body) {
    const read = validateResponses(body);
    return 'refusal' in read ? read : { prompt: readResponses(read.checked) };
  },
  whole: responsesReply,
  steps: responsesSteps,
  counted: (inputTokens) => ({ object: 'response.input_tokens', input_tokens: inputTokens }),
  error: openAiError,
  brokenStep: responsesBroken,
  unknownModel: openAiUnknownModel,
  badCredential: OPENAI_BAD_CREDENTIAL,
  models: openAiModels,
};
