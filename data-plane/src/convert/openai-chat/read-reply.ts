// Pure. A whole Chat Completions reply to a Reply.
import { isLoose, looseOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { Reply, ReplyPart } from '../hub/reply.ts';
import { readStop } from './stop-reasons.ts';
import { readUsage } from './usage.ts';

/** The reply that a body is; of several choices the first counts. */
export function readReply(body: Loose): Reply {
  const choice = looseOf(body['choices'])[0] ?? {};
  const message = isLoose(choice['message']) ? choice['message'] : {};
  return { id: textOf(body['id']) ?? '', model: textOf(body['model']) ?? '', parts: partsOf(message), stop: readStop(textOf(choice['finish_reason'])), reading: readUsage(body) };
}

function partsOf(message: Loose): ReplyPart[] {
  const thinking = textOf(message['reasoning_content']) || textOf(message['reasoning']);
  const texts = typeof message['content'] === 'string' ? [message['content']] : looseOf(message['content']).map((part) => textOf(part['text']) ?? '');
  const said = [...texts, textOf(message['refusal']) ?? ''].filter((text) => text !== '');
  const calls = looseOf(message['tool_calls']).flatMap((call): ReplyPart[] => {
    const named = isLoose(call['function']) ? call['function'] : {};
    return [{ kind: 'tool-call', id: textOf(call['id']) ?? '', name: textOf(named['name']) ?? '', input: textOf(named['arguments']) || '{}' }];
  });
  return [...(thinking ? [{ kind: 'thinking' as const, text: thinking, signature: undefined }] : []), ...said.map((text) => ({ kind: 'text' as const, text })), ...calls];
}
