// Pure. Writes replies of the generateContent API, whole and streamed.
import type { GeminiError, GeminiPart, GeminiReply, GeminiUsage } from '@fairlead/shared/wire/gemini-generate.ts';
import { writeSseFrame } from '@fairlead/shared/wire/sse.ts';
import type { Answer } from '../answer.ts';
import type { Refusal, Spoken, Step } from '../dialect.ts';
import type { BrokenEnding } from '../misbehaviour.ts';
import type { Tokens } from '../tokens.ts';
import { signThought } from './signature.ts';

const FINISH_REASONS: Readonly<Record<Answer['stop'], string>> = { end: 'STOP', tools: 'STOP', length: 'MAX_TOKENS', 'stop-sequence': 'STOP' };

/** The whole reply. */
export function geminiReply(spoken: Spoken): GeminiReply {
  const text = spoken.answer.pieces.join('');
  const parts = [...thoughts(spoken), ...(text === '' ? [] : [{ text, ...textSeal(spoken) }]), ...calls(spoken)];
  return { ...chunk(parts, spoken.newId('resp'), spoken), ...finish(spoken, parts, spoken.tokens) };
}

/** All chunks of a streamed reply; the last one carries the reason and the final count. */
export function geminiSteps(spoken: Spoken): Step[] {
  const id = spoken.newId('resp');
  const bodies: GeminiPart[][] = [...thoughts(spoken).map((part) => [part]), ...spoken.answer.pieces.map((text) => [{ text }]), ...calls(spoken).map((part) => [part])];
  const promptOnly: Tokens = { ...spoken.tokens, output: 0, reasoning: 0 };
  const steps = bodies.map((parts): Step => ({ text: data({ ...chunk(parts, id, spoken), usageMetadata: geminiUsage(promptOnly) }), tokens: promptOnly }));
  const last = { ...chunk([], id, spoken), ...finish(spoken, [{ text: '', ...textSeal(spoken) }], spoken.tokens) };
  return [...steps, { text: data(last), tokens: spoken.tokens, ending: true }];
}

/** The chunk with which a stream fails on the way. */
export function geminiBroken(ending: BrokenEnding): Step {
  return { text: data({ error: { code: 503, message: ending.message ?? 'The model is overloaded. Please try again later.', status: ending.type ?? 'UNAVAILABLE' } }) };
}

const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 402: 'FAILED_PRECONDITION', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE', 504: 'DEADLINE_EXCEEDED', 529: 'UNAVAILABLE',
};

/** An error body; a wait is told in its details as well. */
export function geminiError(refusal: Refusal): GeminiError {
  const wait = refusal.retryAfterS === undefined ? {} : { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${refusal.retryAfterS}s` }] };
  return { error: { code: refusal.status, message: refusal.message, status: STATUSES[refusal.status] ?? (refusal.status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL'), ...wait } };
}

/** The vendor's form of a token count: the prompt includes what was cached, thoughts stand apart. */
export function geminiUsage(tokens: Tokens): GeminiUsage {
  const prompt = tokens.input + tokens.cacheRead;
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: tokens.output - tokens.reasoning,
    totalTokenCount: prompt + tokens.output,
    ...(tokens.cacheRead > 0 && { cachedContentTokenCount: tokens.cacheRead }),
    ...(tokens.reasoning > 0 && { thoughtsTokenCount: tokens.reasoning }),
  };
}

function chunk(parts: readonly GeminiPart[], responseId: string, spoken: Spoken): GeminiReply {
  return { candidates: [{ index: 0, content: { role: 'model', parts } }], modelVersion: spoken.prompt.model, responseId };
}

function finish(spoken: Spoken, parts: readonly GeminiPart[], tokens: Tokens): GeminiReply {
  return { candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: FINISH_REASONS[spoken.answer.stop] }], usageMetadata: geminiUsage(tokens) };
}

function thoughts(spoken: Spoken): GeminiPart[] {
  return spoken.answer.thinking !== '' && spoken.prompt.thinking === 'shown' ? [{ text: spoken.answer.thinking, thought: true }] : [];
}

/** What the vendor puts on the end of a text that it thought about. */
function textSeal({ answer }: Spoken): GeminiPart {
  return answer.thinking !== '' && answer.calls.length === 0 ? { thoughtSignature: signThought(answer.thinking) } : {};
}

function calls(spoken: Spoken): GeminiPart[] {
  return spoken.answer.calls.map((call, at) => ({
    functionCall: { id: spoken.newId('call_'), name: call.tool.name, args: JSON.parse(JSON.stringify(typeof call.input === 'string' ? { input: call.input } : call.input)) },
    // The vendor signs the first call of a turn only; models that always think sign it even where nobody asked for thoughts.
    ...(at === 0 && signs(spoken) && { thoughtSignature: signThought(spoken.answer.thinking) }),
  }));
}

function signs({ answer, prompt }: Spoken): boolean {
  return answer.thinking !== '' || /^gemini-3/.test(prompt.model);
}

function data(value: GeminiReply | GeminiError): string {
  return writeSseFrame({ data: JSON.stringify(value) });
}
