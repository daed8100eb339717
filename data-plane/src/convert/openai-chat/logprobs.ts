// Pure. Probabilities of words; Chat Completions and Responses write them alike.
import { looseOf, numberOf, textOf } from '@fairlead/shared/wire/json.ts';
import type { ChatLogprob } from '@fairlead/shared/wire/openai-chat.ts';
import type { Logprob } from '../hub/reply.ts';

/** The probabilities in a list of this dialect. */
export function logprobsOf(list: unknown): Logprob[] {
  return looseOf(list).map((one) => ({ ...pairOf(one), top: looseOf(one['top_logprobs']).map(pairOf) }));
}

/** The same in this dialect's words. */
export function logprobWords(list: readonly Logprob[]): ChatLogprob[] {
  return list.map(({ token, logprob, top }) => ({ token, logprob, bytes: null, top_logprobs: top.map((other) => ({ ...other, bytes: null })) }));
}

function pairOf(one: { readonly [field: string]: unknown }): { token: string; logprob: number } {
  return { token: textOf(one['token']) ?? '', logprob: numberOf(one['logprob']) ?? 0 };
}
