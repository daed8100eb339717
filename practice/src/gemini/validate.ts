// Pure. Checks a generateContent body as strictly as the vendor's published schema, in the vendor's wording.
import { z } from 'zod';
import type { Refusal } from '../dialect.ts';
import { firstFinding, valueAt, type Finding } from '../wording.ts';
import { signatureProblem } from './signature.ts';

const blob = z.strictObject({ mimeType: z.string(), data: z.string(), displayName: z.string().optional() });
const part = z.strictObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.string().optional(),
  inlineData: blob.optional(),
  fileData: z.strictObject({ mimeType: z.string().optional(), fileUri: z.string(), displayName: z.string().optional() }).optional(),
  functionCall: z.strictObject({ id: z.string().optional(), name: z.string().min(1), args: z.looseObject({}).optional() }).optional(),
  functionResponse: z.strictObject({ id: z.string().optional(), name: z.string().min(1), response: z.looseObject({}), parts: z.array(z.looseObject({})).optional(), willContinue: z.boolean().optional(), scheduling: z.string().optional() }).optional(),
  executableCode: z.looseObject({}).optional(),
  codeExecutionResult: z.looseObject({}).optional(),
  videoMetadata: z.looseObject({}).optional(),
  mediaResolution: z.unknown().optional(),
});
const content = z.strictObject({ role: z.enum(['user', 'model', 'function']).optional(), parts: z.array(part) });
const declaration = z.strictObject({
  name: z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/),
  description: z.string().optional(),
  parameters: z.looseObject({}).optional(),
  parametersJsonSchema: z.unknown().optional(),
  response: z.looseObject({}).optional(),
  responseJsonSchema: z.unknown().optional(),
  behavior: z.string().optional(),
});
const tool = z.strictObject({
  functionDeclarations: z.array(declaration).optional(),
  googleSearch: z.looseObject({}).optional(),
  googleSearchRetrieval: z.looseObject({}).optional(),
  codeExecution: z.looseObject({}).optional(),
  urlContext: z.looseObject({}).optional(),
  computerUse: z.looseObject({}).optional(),
  googleMaps: z.looseObject({}).optional(),
  fileSearch: z.looseObject({}).optional(),
});
const generationConfig = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().optional(),
  topK: z.number().optional(),
  maxOutputTokens: z.number().int().min(1).optional(),
  candidateCount: z.number().int().min(1).max(1).optional(),
  stopSequences: z.array(z.string()).max(5).optional(),
  responseMimeType: z.string().optional(),
  responseSchema: z.looseObject({}).optional(),
  responseJsonSchema: z.looseObject({}).optional(),
  responseModalities: z.array(z.string()).optional(),
  thinkingConfig: z.strictObject({ includeThoughts: z.boolean().optional(), thinkingBudget: z.number().int().optional(), thinkingLevel: z.string().optional() }).optional(),
  presencePenalty: z.number().optional(),
  frequencyPenalty: z.number().optional(),
  seed: z.number().int().optional(),
  responseLogprobs: z.boolean().optional(),
  logprobs: z.number().int().optional(),
  mediaResolution: z.string().optional(),
  speechConfig: z.looseObject({}).optional(),
  imageConfig: z.looseObject({}).optional(),
});
const body = {
  model: z.string().optional(),
  contents: z.array(content).min(1),
  systemInstruction: z.union([z.strictObject({ role: z.string().optional(), parts: z.array(part) }), z.string()]).optional(),
  tools: z.array(tool).optional(),
  toolConfig: z.looseObject({}).optional(),
  generationConfig: generationConfig.optional(),
  safetySettings: z.array(z.looseObject({})).optional(),
  cachedContent: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
};
const generating = z.strictObject(body);
const counting = z.strictObject({ ...body, contents: body.contents.optional(), generateContentRequest: z.strictObject(body).optional() });

/** A body that the vendor would accept. */
export type CheckedGemini = z.infer<typeof generating>;

/** Checks a body; `count` is for the endpoint that only counts, where the request may be wrapped. The model stands in the path. */
export function validateGemini(value: unknown, count: boolean, model = ''): { readonly checked: CheckedGemini } | { readonly refusal: Refusal } {
  if (!count) {
    const read = generating.safeParse(value);
    if (!read.success) return { refusal: { status: 400, message: wordingOf(firstFinding(read.error, value), value) } };
    const problem = orderProblem(read.data.contents) ?? pairingProblem(read.data.contents) ?? toolProblem(read.data) ?? signatureProblem(read.data.contents, model);
    return problem === undefined ? { checked: read.data } : { refusal: { status: 400, message: problem } };
  }
  const read = counting.safeParse(value);
  if (!read.success) return { refusal: { status: 400, message: wordingOf(firstFinding(read.error, value), value) } };
  const { generateContentRequest, contents, ...rest } = read.data;
  return { checked: generateContentRequest ?? { ...rest, contents: contents ?? [] } };
}

function wordingOf(finding: Finding, value: unknown): string {
  const field = String(finding.path.at(-1) ?? '');
  const parent = pathText(finding.path.slice(0, -1));
  if (finding.kind === 'unknown') return `Invalid JSON payload received. Unknown name "${field}"${parent === '' ? '' : ` at '${parent}'`}: Cannot find field.`;
  if (finding.kind === 'missing' || finding.kind === 'small') return `* GenerateContentRequest.${pathText(finding.path)}: ${field} is not specified\n`;
  const shown = JSON.stringify(valueAt(value, finding.path))?.slice(0, 100);
  return `Invalid value at '${pathText(finding.path)}' (${finding.expected === '' ? finding.message : finding.expected}), ${shown}`;
}

function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? snake(step) : `${text}.${snake(step)}`), '');
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A turn of calls follows what the user said, or the results of calls before it. */
function orderProblem(contents: CheckedGemini['contents']): string | undefined {
  for (const [at, said] of contents.entries()) {
    if (said.role !== 'model' || !said.parts.some((one) => one.functionCall !== undefined)) continue;
    if (at === 0 || contents[at - 1]?.role === 'model') return 'Please ensure that function call turn comes immediately after a user turn or after a function response turn.';
  }
  return undefined;
}

/** The vendor's own tools and the client's do not go together. */
function toolProblem({ tools = [] }: CheckedGemini): string | undefined {
  const functions = tools.some((one) => (one.functionDeclarations ?? []).length > 0);
  const own = tools.some((one) => one.googleSearch !== undefined || one.urlContext !== undefined || one.codeExecution !== undefined);
  return functions && own ? 'Built-in tools and Function Calling cannot be combined in the same request. Please choose one.' : undefined;
}

/** After a turn of calls at least as many results must follow; some clients send one more than once. */
function pairingProblem(contents: CheckedGemini['contents']): string | undefined {
  for (const [at, said] of contents.entries()) {
    const calls = said.parts.filter((one) => one.functionCall !== undefined).length;
    if (calls === 0 || said.role !== 'model') continue;
    const results = (contents[at + 1]?.parts ?? []).filter((one) => one.functionResponse !== undefined).length;
    if (results < calls) return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
  }
  return undefined;
}
