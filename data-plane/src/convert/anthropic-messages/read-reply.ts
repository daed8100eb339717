// Pure. A whole Messages reply to a Reply.
import { isLoose, looseOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { Reply, ReplyPart } from '../hub/reply.ts';
import { readStop } from './stop-reasons.ts';
import { readUsage } from './usage.ts';

/** The reply that a body is. */
export function readReply(body: Loose): Reply {
  return {
    id: textOf(body['id']) ?? '',
    model: textOf(body['model']) ?? '',
    parts: looseOf(body['content']).flatMap(partOf),
    stop: readStop(textOf(body['stop_reason']), textOf(body['stop_sequence'])),
    reading: readUsage(body),
  };
}

function partOf(block: Loose): ReplyPart[] {
  switch (block['type']) {
    case 'text':
      return [{ kind: 'text', text: textOf(block['text']) ?? '' }];
    case 'thinking':
      return [{ kind: 'thinking', text: textOf(block['thinking']) ?? '', signature: textOf(block['signature']) || undefined }];
    case 'redacted_thinking':
      return [{ kind: 'sealed-thinking', data: textOf(block['data']) ?? '' }];
    case 'tool_use':
      return [{ kind: 'tool-call', id: textOf(block['id']) ?? '', name: textOf(block['name']) ?? '', input: JSON.stringify(isLoose(block['input']) ? block['input'] : {}) }];
    default:
      return [];
  }
}
