// Pure. A Conversation to a generateContent body.
import type { GeminiFunction, GeminiRequest, GeminiTool, GeminiToolConfig } from '@fairlead/shared/wire/gemini-generate.ts';
import type { JsonObject, JsonValue } from '@fairlead/shared/wire/json.ts';
import type { Conversation, ServerTool, Tool } from '../hub/conversation.ts';
import { createLossList, type LossList, type Written } from '../hub/loss.ts';
import { outputLimit, type Target } from '../hub/target.ts';
import { plainJson } from '../plain-json.ts';
import { generationOf } from './models.ts';
import { contentsOf } from './write-contents.ts';
import { schemaWord } from './write-schema.ts';
import { thinkingOf } from './write-thinking.ts';

/** Most stop sequences that this dialect takes. */
const MOST_STOPS = 5;
/** The largest seed that it takes: 32 bits with a sign. */
const MOST_SEED = 0x7fffffff;

/** The body for an upstream; the model and whether it streams stand in the path. */
export function writeRequest(conversation: Conversation, target: Target): Written<GeminiRequest & JsonObject> {
  const losses = createLossList();
  for (const field of Object.keys(conversation.extras.fields)) losses.addField(field);
  tellLosses(conversation, losses);
  const contents = contentsOf(conversation.turns, target, losses);
  const tools = toolsOf(conversation, losses);
  const config = configOf(conversation, target, losses);
  const toolConfig = conversation.tools.length > 0 ? toolConfigOf(conversation) : undefined;
  const request: GeminiRequest = {
    contents,
    ...(conversation.instructions.length > 0 && { systemInstruction: { parts: conversation.instructions.map(({ text }) => ({ text })) } }),
    ...(tools.length > 0 && { tools }),
    ...(toolConfig && { toolConfig }),
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
  };
  return { value: { ...plainJson({ ...request }), contents }, losses: losses.list() };
}

/** What has no place in this dialect. A cache key is none of it: the vendor finds the same beginning by itself. */
function tellLosses({ parallelTools, verbosity, serviceTier, user, metadata, tools }: Conversation, losses: LossList): void {
  if (!parallelTools && tools.length > 0) losses.add('tools: one at a time');
  if (verbosity !== undefined) losses.add('verbosity');
  if (serviceTier === 'flex' || serviceTier === 'priority') losses.add('service tier');
  if (user !== undefined) losses.add('user');
  if (metadata !== undefined) losses.add('metadata');
}

function toolsOf({ tools, serverTools }: Conversation, losses: LossList): GeminiTool[] {
  if (tools.length > 0) {
    // The vendor takes its own tools or the client's, not both.
    for (const _tool of serverTools) losses.add('server tool: beside functions');
    return [{ functionDeclarations: tools.map((tool) => functionWord(tool, losses)) }];
  }
  return serverTools.map((tool) => serverToolWord(tool, losses));
}

function functionWord({ name, description, schema, strict }: Tool, losses: LossList): GeminiFunction {
  if (strict === true) losses.add('tool: strict');
  const parameters = schemaWord(schema, losses);
  const { properties } = parameters;
  // A function without parameters has no schema here.
  const empty = parameters['$ref'] === undefined && parameters['anyOf'] === undefined && parameters['oneOf'] === undefined && (properties === undefined || (typeof properties === 'object' && properties !== null && Object.keys(properties).length === 0)) && parameters['additionalProperties'] === undefined;
  return { name, ...(description !== undefined && description !== '' && { description }), ...(!empty && { parametersJsonSchema: { ...parameters, type: 'object' } }) };
}

function serverToolWord(tool: ServerTool, losses: LossList): GeminiTool {
  switch (tool.kind) {
    case 'web-search':
      if (tool.allowedDomains.length > 0 || tool.blockedDomains.length > 0 || tool.mostUses !== undefined) losses.add('server tool: options');
      return { googleSearch: {} };
    case 'web-fetch':
      return { urlContext: {} };
    case 'code-execution':
      return { codeExecution: {} };
  }
}

function toolConfigOf({ toolChoice }: Conversation): GeminiToolConfig | undefined {
  if (!toolChoice) return undefined;
  switch (toolChoice.kind) {
    case 'none':
      return { functionCallingConfig: { mode: 'NONE' } };
    case 'one':
      return { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [toolChoice.name] } };
    case 'any':
      return { functionCallingConfig: { mode: 'ANY', ...(toolChoice.only && { allowedFunctionNames: toolChoice.only }) } };
    case 'auto':
      // Only VALIDATED narrows a choice that may also be none.
      return { functionCallingConfig: toolChoice.only ? { mode: 'VALIDATED', allowedFunctionNames: toolChoice.only } : { mode: 'AUTO' } };
  }
}

function configOf(conversation: Conversation, target: Target, losses: LossList): { readonly [field: string]: JsonValue } {
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty, logprobs } = conversation.sampling;
  const limit = outputLimit(conversation.maxOutputTokens, target);
  const fits = seed !== undefined && Number.isInteger(seed) && Math.abs(seed) <= MOST_SEED;
  if (seed !== undefined && !fits) losses.add('sampling: seed');
  const asked = conversation.stopSequences.filter((text) => text !== '');
  const stops = asked.slice(0, MOST_STOPS);
  if (stops.length < asked.length) losses.add('stop sequences: beyond the fifth');
  return {
    ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }), ...(topK !== undefined && { topK }), ...(fits && { seed }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }), ...(presencePenalty !== undefined && { presencePenalty }),
    ...(limit !== undefined && { maxOutputTokens: limit }),
    ...(stops.length > 0 && { stopSequences: stops }),
    ...(logprobs !== undefined && { responseLogprobs: true, ...(logprobs > 0 && { logprobs }) }),
    ...formatOf(conversation, target, losses),
    ...thinkingOf(conversation, target.model, losses),
  };
}

function formatOf({ format, tools }: Conversation, target: Target, losses: LossList): { readonly [field: string]: JsonValue } {
  if (!format) return {};
  if (tools.length > 0 && generationOf(target.model) !== 'levels') {
    losses.add('answer format: beside tools');
    return {};
  }
  if (format.name !== undefined) losses.add('answer format: name');
  return { responseMimeType: 'application/json', ...(format.schema && { responseJsonSchema: schemaWord(format.schema, losses) }) };
}
