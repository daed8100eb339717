// Pure. Pieces of an answer as this dialect's parts.
import type { GeminiPart } from '@fairlead/shared/wire/gemini-generate.ts';
import { isLoose, parseJson, textOf, type JsonObject } from '@fairlead/shared/wire/json.ts';
import type { ServerToolPart, ToolCallPart } from '../hub/conversation.ts';
import type { LossList } from '../hub/loss.ts';
import type { Seal } from '../hub/seal.ts';
import type { Stop } from '../hub/stop-reason.ts';
import { plainJson } from '../plain-json.ts';
import { packSeals } from './seals.ts';

/** The arguments of a call as the object that this dialect demands. */
export function argsOf(text: string, losses: LossList): JsonObject {
  const read = text === '' ? {} : parseJson(text);
  if (isLoose(read)) return plainJson(read);
  losses.add('tool-call: input that is no object');
  return { input: text };
}

/** Whether the limit of an answer cut this call: then it is none, for what is left of its input says something else. */
export function isCut(input: string, { reason }: Stop): boolean {
  return (reason === 'length' || reason === 'context-full') && input !== '' && parseJson(input) === undefined;
}

/** A call for a client; it bears what was sealed before it, and its own seal. */
export function callPart({ id, name, input, seal }: ToolCallPart, before: readonly Seal[], losses: LossList): GeminiPart {
  const seals = [...before, ...(seal ? [{ ...seal, callId: id }] : [])];
  return { functionCall: { id, name, args: argsOf(input, losses) }, ...(seals.length > 0 && { thoughtSignature: packSeals(seals) }) };
}

/** The part that ends an answer: empty, but for what was sealed and found no call to travel with. */
export function lastPart(before: readonly Seal[]): GeminiPart {
  return { text: '', ...(before.length > 0 && { thoughtSignature: packSeals(before) }) };
}

/** Code that a vendor ran, with what it printed; other tools of vendors are told at the end of an answer. */
export function codeParts({ tool, input, output }: Omit<ServerToolPart, 'kind' | 'id'>): GeminiPart[] {
  if (tool !== 'code-execution') return [];
  const read = parseJson(input);
  const code = isLoose(read) ? (textOf(read['code']) ?? textOf(read['command'])) : undefined;
  return [...(code === undefined ? [] : [{ executableCode: { language: 'PYTHON', code } }]), ...(output === undefined ? [] : [{ codeExecutionResult: { outcome: 'OUTCOME_OK', output } }])];
}
