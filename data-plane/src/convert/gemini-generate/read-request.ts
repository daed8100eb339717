// Pure. A generateContent body to a Conversation.
import { isLoose, numberOf, textOf, wordOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { Addressed } from '../dialect.ts';
import { BadRequest, listAt, objectAt, optionalNumberAt, textAt } from '../hub/bad-request.ts';
import { emptyConversation, type AnswerFormat, type Conversation, type Effort, type EffortLevel, type Sampling } from '../hub/conversation.ts';
import { metadataOf } from '../hub/metadata-of.ts';
import { camel, fieldOf } from './field-of.ts';
import { textsAt, turnsOf } from './read-contents.ts';
import { jsonSchemaOf } from './read-schema.ts';
import { choiceIn, offeredIn } from './read-tools.ts';

const KNOWN: ReadonlySet<string> = new Set(['model', 'contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig', 'labels']);
const KNOWN_CONFIG: ReadonlySet<string> = new Set([
  'temperature', 'topP', 'topK', 'seed', 'frequencyPenalty', 'presencePenalty', 'maxOutputTokens', 'stopSequences', 'responseMimeType', 'responseSchema', 'responseJsonSchema', '_responseJsonSchema', 'responseLogprobs', 'logprobs', 'thinkingConfig',
]);

/** The conversation of a body; the model and whether it streams stand in the path. */
export function readRequest(body: Loose, addressed: Addressed): Conversation {
  // A part of the prompt lies in Google's store, where no other vendor can read it.
  if (fieldOf(body, 'cachedContent') !== undefined) throw new BadRequest('cachedContent', 'names a cache of another vendor; send the whole contents instead');
  const config = objectAt(fieldOf(body, 'generationConfig'), 'generationConfig');
  const toolConfig = objectAt(fieldOf(body, 'toolConfig'), 'toolConfig');
  const { tools, serverTools, others } = offeredIn(body['tools']);
  const { choice, validated } = choiceIn(toolConfig);
  const thinking = objectAt(fieldOf(config, 'thinkingConfig'), 'generationConfig.thinkingConfig');
  return {
    ...emptyConversation,
    model: addressed.model,
    stream: addressed.stream,
    instructions: textsAt(fieldOf(body, 'systemInstruction'), 'systemInstruction').map((text) => ({ kind: 'text', text })),
    turns: turnsOf(body['contents']),
    tools, serverTools, toolChoice: choice,
    maxOutputTokens: optionalNumberAt(fieldOf(config, 'maxOutputTokens'), 'generationConfig.maxOutputTokens'),
    sampling: samplingOf(config),
    stopSequences: listAt(fieldOf(config, 'stopSequences'), 'generationConfig.stopSequences').map((text, at) => textAt(text, `generationConfig.stopSequences.${at}`)),
    effort: effortOf(thinking),
    // This vendor shows no thoughts unless it is asked for them.
    showThinking: thinking === undefined ? undefined : fieldOf(thinking, 'includeThoughts') === true,
    format: formatOf(config),
    metadata: metadataOf(body['labels']),
    extras: { dialect: 'gemini-generate', fields: Object.fromEntries([...ownFields(body, KNOWN), ...ownFields(config ?? {}, KNOWN_CONFIG), ...ownFields(toolConfig ?? {}, new Set(['functionCallingConfig'])), ...others.map((name): [string, unknown] => [name, true]), ...(validated ? [['mode VALIDATED', true] as const] : [])]) },
  };
}

/** The fields that only this vendor knows; those that ask for what every vendor does are none. */
function ownFields(fields: Loose, known: ReadonlySet<string>): [string, unknown][] {
  return Object.entries(fields).filter(([given, value]) => {
    const name = given.startsWith('_') ? given : camel(given);
    if (known.has(name) || value === null || (name === 'candidateCount' && value === 1)) return false;
    return !(name === 'responseModalities' && Array.isArray(value) && value.every((one) => wordOf(one).toUpperCase() === 'TEXT'));
  });
}

function samplingOf(config: Loose | undefined): Sampling {
  const of = (field: string) => optionalNumberAt(fieldOf(config, field), `generationConfig.${field}`);
  const [temperature, topP, topK, seed, frequencyPenalty, presencePenalty, logprobs] = [of('temperature'), of('topP'), of('topK'), of('seed'), of('frequencyPenalty'), of('presencePenalty'), of('logprobs')];
  return {
    ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }), ...(topK !== undefined && { topK }), ...(seed !== undefined && { seed }),
    // Zero is what every vendor does.
    ...(frequencyPenalty && { frequencyPenalty }), ...(presencePenalty && { presencePenalty }), ...(fieldOf(config, 'responseLogprobs') === true && { logprobs: logprobs ?? 0 }),
  };
}

const LEVELS: readonly EffortLevel[] = ['minimal', 'low', 'medium', 'high'];

/** A budget of 0 is off, and one of -1 is left to the model; who wants to see thoughts wants some. */
function effortOf(thinking: Loose | undefined): Effort | undefined {
  const tokens = numberOf(fieldOf(thinking, 'thinkingBudget'));
  const word = textOf(fieldOf(thinking, 'thinkingLevel'))?.toLowerCase();
  const level = LEVELS.find((known) => known === word);
  if (level !== undefined) return { kind: 'level', level };
  if (tokens === 0) return { kind: 'off' };
  if (tokens !== undefined && tokens > 0) return { kind: 'budget', tokens };
  return tokens !== undefined || fieldOf(thinking, 'includeThoughts') === true ? { kind: 'level', level: 'medium' } : undefined;
}

function formatOf(config: Loose | undefined): AnswerFormat | undefined {
  if (fieldOf(config, 'responseMimeType') !== 'application/json') return undefined;
  const schema = fieldOf(config, 'responseJsonSchema') ?? config?.['_responseJsonSchema'];
  if (isLoose(schema)) return { name: undefined, schema };
  const own = fieldOf(config, 'responseSchema');
  return { name: undefined, schema: isLoose(own) ? jsonSchemaOf(own) : undefined };
}
