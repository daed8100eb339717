// Pure.
import type { ResponsesLogprob } from '@fairlead/shared/wire/openai-responses.ts';
import type { Logprob } from '../hub/reply.ts';

const encoder = new TextEncoder();

/** Probabilities in this dialect's words; its bytes are those of the words. */
export function logprobWords(list: readonly Logprob[]): ResponsesLogprob[] {
  const withBytes = ({ token, logprob }: { token: string; logprob: number }) => ({ token, logprob, bytes: [...encoder.encode(token)] });
  return list.map((one) => ({ ...withBytes(one), top_logprobs: one.top.map(withBytes) }));
}
