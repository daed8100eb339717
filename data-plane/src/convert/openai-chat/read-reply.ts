// Pure. A whole Chat Completions reply to a Reply.
import { isLoose, looseOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { ReplySource } from '../hub/events.ts';
import type { Reply, ReplyPart } from '../hub/reply.ts';
import { citationsOf } from './citations.ts';
import { logprobsOf } from './logprobs.ts';
import { googleSeal } from './seals.ts';
import { readStop } from './stop-reasons.ts';
import { readUsage } from './usage.ts';

/** The reply that a body is; of several choices the first counts. */
export function readReply(body: Loose, source: ReplySource): Reply {
  const choice = looseOf(body['choices'])[0] ?? {};
  const message = isLoose(choice['message']) ? choice['message'] : {};
  const logprobs = isLoose(choice['logprobs']) ? logprobsOf(choice['logprobs']['content']) : [];
  return { id: textOf(body['id']) ?? '', model: textOf(body['model']) ?? '', parts: partsOf(message, logprobs, source), stop: readStop(textOf(choice['finish_reason'])), reading: readUsage(body) };
}

function partsOf(message: Loose, logprobs: ReturnType<typeof logprobsOf>, { issuer }: ReplySource): ReplyPart[] {
  const thinking = textOf(message['reasoning_content']) || textOf(message['reasoning']) || '';
  const details = looseOf(message['reasoning_details']);
  const seal = details.length > 0 ? { seal: { dialect: 'openai-chat' as const, issuer, data: JSON.stringify(details) } } : {};
  const texts = typeof message['content'] === 'string' ? [message['content']] : looseOf(message['content']).map((part) => textOf(part['text']) ?? '');
  const citations = citationsOf(message['annotations']);
  const said = texts.filter((text) => text !== '').map((text): ReplyPart => ({ kind: 'text', text, ...(citations.length > 0 && { citations }), ...(logprobs.length > 0 && { logprobs }) }));
  const refusal = textOf(message['refusal']) || undefined;
  const calls = looseOf(message['tool_calls']).map((call, at): ReplyPart => {
    const named = isLoose(call['function']) ? call['function'] : isLoose(call['custom']) ? call['custom'] : {};
    const sealed = googleSeal(call, issuer);
    return { kind: 'tool-call', id: textOf(call['id']) || `call_${at}`, name: textOf(named['name']) ?? '', input: textOf(named['arguments']) || textOf(named['input']) || '{}', ...(sealed && { seal: sealed }) };
  });
  return [...(thinking !== '' || details.length > 0 ? [{ kind: 'thinking' as const, text: thinking, ...seal }] : []), ...said, ...(refusal === undefined ? [] : [{ kind: 'text' as const, text: refusal, refusal: true as const }]), ...calls];
}
