// Pure. Probabilities of words.
import { isLoose, looseOf, numberOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { GeminiLogprob, GeminiLogprobs } from '@fairlead/shared/wire/gemini-generate.ts';
import type { Logprob } from '../hub/reply.ts';

/** The probabilities in a candidate's result. */
export function logprobsOf(result: unknown): Logprob[] {
  if (!isLoose(result)) return [];
  const tops = looseOf(result['topCandidates']);
  return looseOf(result['chosenCandidates']).map((one, at) => ({ ...pairOf(one), top: looseOf(tops[at]?.['candidates']).map(pairOf) }));
}

/** The same in this dialect's words. */
export function logprobWords(list: readonly Logprob[]): GeminiLogprobs {
  return { chosenCandidates: list.map(wordOf), topCandidates: list.map(({ top }) => ({ candidates: top.map(wordOf) })) };
}

function pairOf(one: Loose): { token: string; logprob: number } {
  return { token: textOf(one['token']) ?? '', logprob: numberOf(one['logProbability']) ?? 0 };
}

function wordOf({ token, logprob }: { readonly token: string; readonly logprob: number }): GeminiLogprob {
  return { token, logProbability: logprob };
}
