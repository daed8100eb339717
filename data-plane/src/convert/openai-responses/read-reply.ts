// Pure. A whole Responses reply to a Reply.
import { looseOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { ReplySource } from '../hub/events.ts';
import type { Reply, ReplyPart } from '../hub/reply.ts';
import type { Seal } from '../hub/seal.ts';
import { logprobsOf } from '../openai-chat/logprobs.ts';
import { citationsOf } from './citations.ts';
import { givenSeal } from './sealed-content.ts';
import { serverToolPartOf } from './server-tools.ts';
import { stopOf } from './stop-reasons.ts';
import { readUsage } from './usage.ts';

/** The reply that a body is. */
export function readReply(body: Loose, source: ReplySource): Reply {
  const parts = looseOf(body['output']).flatMap((item, at) => replyPartsOf(item, at, source));
  return { id: textOf(body['id']) ?? '', model: textOf(body['model']) ?? '', parts, stop: stopOf(body, parts.some((part) => part.kind === 'tool-call')), reading: readUsage(body) };
}

/** The parts that an item of a reply is; none for a kind that no other dialect has. */
function replyPartsOf(item: Loose, at: number, source: ReplySource): ReplyPart[] {
  switch (item['type']) {
    case 'message':
      return looseOf(item['content']).flatMap(textPartOf);
    case 'reasoning': {
      const text = thoughtOf(item);
      const seal = sealOf(item, source);
      return text !== '' ? [{ kind: 'thinking', text, ...(seal && { seal }) }] : seal ? [{ kind: 'sealed-thinking', seal }] : [];
    }
    case 'function_call':
      return [{ kind: 'tool-call', ...callOf(item, at), input: textOf(item['arguments']) || '{}' }];
    case 'custom_tool_call':
      return [{ kind: 'tool-call', ...callOf(item, at), input: textOf(item['input']) ?? '' }];
    default:
      return [serverToolPartOf(item) ?? []].flat();
  }
}

/** The id and name of a call; a server that gives it no id of its own is helped out. */
export function callOf(item: Loose, at: number): { readonly id: string; readonly name: string } {
  return { id: textOf(item['call_id']) || textOf(item['id']) || `call_${at}`, name: textOf(item['name']) ?? '' };
}

/** What was thought, as it is told: a summary in pieces, or the thoughts themselves. */
export function thoughtOf(item: Loose): string {
  const textsOf = (list: unknown): string[] => looseOf(list).flatMap((part) => textOf(part['text']) || []);
  return textsOf(item['summary']).join('\n\n') || textsOf(item['content']).join('');
}

/** The seal of an item of reasoning. */
export function sealOf(item: Loose, { issuer }: ReplySource): Seal | undefined {
  return givenSeal(textOf(item['encrypted_content']) ?? '', issuer, textOf(item['id']));
}

function textPartOf(part: Loose): ReplyPart[] {
  const refusal = textOf(part['refusal']);
  if (part['type'] === 'refusal') return refusal ? [{ kind: 'text', text: refusal, refusal: true }] : [];
  const text = textOf(part['text']) ?? '';
  const citations = citationsOf(part['annotations']);
  const logprobs = logprobsOf(part['logprobs']);
  return text === '' ? [] : [{ kind: 'text', text, ...(citations.length > 0 && { citations }), ...(logprobs.length > 0 && { logprobs }) }];
}
