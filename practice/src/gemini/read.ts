// Pure. Turns a checked generateContent body into a prompt.
import { isLoose, textOf } from '@fairlead/shared/wire/json.ts';
import type { OfferedTool, Prompt, Turn } from '../prompt.ts';
import type { CheckedGemini } from './validate.ts';

/** The prompt of a checked body. */
export function readGemini(body: CheckedGemini, model: string, stream: boolean): Prompt {
  const config = body.generationConfig;
  const thinking = config?.thinkingConfig;
  const declared = (body.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []);
  return {
    model,
    stream,
    turns: body.contents.flatMap(turnsOf),
    tools: declared.map((tool): OfferedTool => ({ name: tool.name, schema: isLoose(tool.parametersJsonSchema) ? tool.parametersJsonSchema : tool.parameters, free: false })),
    thinking: thinking === undefined || thinking.thinkingBudget === 0 ? 'off' : thinking.includeThoughts === true ? 'shown' : 'hidden',
    maxTokens: config?.maxOutputTokens,
    stopSequences: config?.stopSequences ?? [],
    format: config?.responseJsonSchema ?? config?.responseSchema ?? (config?.responseMimeType === 'application/json' ? { type: 'object' } : undefined),
    segments: [...declared, ...(body.systemInstruction === undefined ? [] : [body.systemInstruction]), ...body.contents].map((part) => ({ text: JSON.stringify(part) })),
    reportUsage: true,
  };
}

function turnsOf(content: CheckedGemini['contents'][number]): Turn[] {
  const text = content.parts.flatMap((part) => (part.text !== undefined && part.thought !== true ? [part.text] : [])).join('\n');
  if (content.role === 'model') return [{ who: 'model', text, calls: content.parts.some((part) => part.functionCall !== undefined) }];
  const results = content.parts.flatMap((part): Turn[] => (part.functionResponse ? [{ who: 'tool', text: resultText(part.functionResponse.response) }] : []));
  return text === '' ? results : [...results, { who: 'user', text }];
}

function resultText(response: { readonly [field: string]: unknown }): string {
  return textOf(response['output']) ?? textOf(response['result']) ?? textOf(response['error']) ?? JSON.stringify(response);
}
