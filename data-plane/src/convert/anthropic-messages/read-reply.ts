// Pure. A whole Messages reply to a Reply.
import { isLoose, looseOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { ReplySource } from '../hub/events.ts';
import type { Reply, ReplyPart } from '../hub/reply.ts';
import { citationsOf } from './citations.ts';
import { foundIn, toolOfName } from './server-tools.ts';
import { readStop } from './stop-reasons.ts';
import { readUsage } from './usage.ts';

/** The reply that a body is. */
export function readReply(body: Loose, source: ReplySource): Reply {
  const blocks = looseOf(body['content']);
  return {
    id: textOf(body['id']) ?? '',
    model: textOf(body['model']) ?? '',
    parts: blocks.flatMap((block) => partOf(block, blocks, source)),
    stop: readStop(textOf(body['stop_reason']), textOf(body['stop_sequence'])),
    reading: readUsage(body),
  };
}

function partOf(block: Loose, all: readonly Loose[], { issuer }: ReplySource): ReplyPart[] {
  switch (block['type']) {
    case 'text': {
      const citations = citationsOf(block['citations']);
      return [{ kind: 'text', text: textOf(block['text']) ?? '', ...(citations.length > 0 && { citations }) }];
    }
    case 'thinking': {
      const signature = textOf(block['signature']) || undefined;
      return [{ kind: 'thinking', text: textOf(block['thinking']) ?? '', ...(signature !== undefined && { seal: { dialect: 'anthropic-messages', issuer, data: signature } }) }];
    }
    case 'redacted_thinking':
      return [{ kind: 'sealed-thinking', seal: { dialect: 'anthropic-messages', issuer, data: textOf(block['data']) ?? '' } }];
    case 'tool_use':
      return [{ kind: 'tool-call', id: textOf(block['id']) ?? '', name: textOf(block['name']) ?? '', input: JSON.stringify(isLoose(block['input']) ? block['input'] : {}) }];
    case 'server_tool_use': {
      const id = textOf(block['id']) ?? '';
      const result = all.find((other) => textOf(other['tool_use_id']) === id);
      return [{ kind: 'server-tool', tool: toolOfName(textOf(block['name'])), id, input: JSON.stringify(block['input'] ?? {}), ...foundIn(result?.['content']) }];
    }
    default:
      return [];
  }
}
