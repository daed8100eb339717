// Pure. The generateContent API as this vendor speaks it.
import type { Dialect } from '../dialect.ts';
import { readGemini } from './read.ts';
import { geminiBroken, geminiError, geminiReply, geminiSteps } from './reply.ts';
import { validateGemini } from './validate.ts';

/** The generateContent API; `count` makes the variant for the endpoint that only counts. */
export function geminiGenerate(count: boolean): Dialect {
  return {
    name: 'gemini-generate',
    cacheRule: { kind: 'automatic', least: 1024, step: 1 },
    read(body, target) {
      const read = validateGemini(body, count, target.model);
      return 'refusal' in read ? read : { prompt: readGemini(read.checked, target.model ?? '', target.stream) };
    },
    whole: geminiReply,
    steps: geminiSteps,
    counted: (inputTokens) => ({ totalTokens: inputTokens }),
    error: geminiError,
    brokenStep: geminiBroken,
    unknownModel: (model) => ({ status: 404, message: `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.` }),
    badCredential: { status: 401, message: 'API key not valid. Please pass a valid API key.' },
    models: (names) => ({
      models: names.map((name) => ({ name: `models/${name}`, displayName: name, inputTokenLimit: 1_048_576, outputTokenLimit: 65_536, supportedGenerationMethods: ['generateContent', 'countTokens'] })),
    }),
  };
}
