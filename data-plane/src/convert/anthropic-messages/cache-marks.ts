// Pure. Marks for this vendor's prompt cache.
import type { CacheControl, ContentBlock, MessagesMessage, MessagesTool, TextBlock } from '@fairlead/shared/wire/anthropic-messages.ts';
import { isLoose, type Loose } from '@fairlead/shared/wire/json.ts';
import type { CacheMark } from '../hub/conversation.ts';
import type { LossList } from '../hub/loss.ts';

/** The most marks that the vendor takes in a request. */
const MOST_MARKS = 4;

/** How long a block asks to be kept in the prompt cache. */
export function markOf(block: Loose): { cache?: CacheMark } {
  const control = block['cache_control'];
  return isLoose(control) ? { cache: control['ttl'] === '1h' ? '1h' : '5m' } : {};
}

/** A mark in this dialect's words. */
export function markWord({ cache }: { readonly cache?: CacheMark }): { cache_control?: CacheControl } {
  return cache === undefined ? {} : { cache_control: { type: 'ephemeral', ...(cache === '1h' && { ttl: '1h' }) } };
}

/** A body's marked places, in the order in which the vendor counts them: tools, system, messages. */
export type Marked = { readonly tools: readonly MessagesTool[]; readonly system: readonly TextBlock[]; readonly messages: readonly MessagesMessage[] };

/** What clients of a vendor that caches by itself expect here too: marks behind the tools, the instructions and the last thing said. */
export function withMarks({ tools, system, messages }: Marked): Marked {
  const last = messages.at(-1);
  return {
    tools: lastMarked(tools),
    system: lastMarked(system),
    messages: last === undefined || typeof last.content === 'string' ? messages : [...messages.slice(0, -1), { ...last, content: lastMarked(last.content, canBear) }],
  };
}

/** The body with no more marks than the vendor takes: the last ones, which cover the most. */
export function withinMarks({ tools, system, messages }: Marked, losses: LossList): Marked {
  const count = [...tools, ...system, ...messages.flatMap((message) => (typeof message.content === 'string' ? [] : message.content))].filter((item) => 'cache_control' in item && item.cache_control !== undefined).length;
  let over = count - MOST_MARKS;
  if (over <= 0) return { tools, system, messages };
  const strip = <T extends object>(item: T): T => {
    if (over <= 0 || !('cache_control' in item) || item.cache_control === undefined) return item;
    over -= 1;
    losses.add('cache mark: beyond the fourth');
    const { cache_control: _gone, ...rest } = item;
    return rest as T;
  };
  return { tools: tools.map(strip), system: system.map(strip), messages: messages.map((message) => (typeof message.content === 'string' ? message : { ...message, content: message.content.map(strip) })) };
}

function lastMarked<T extends object>(items: readonly T[], fits: (item: T) => boolean = () => true): readonly T[] {
  const at = items.findLastIndex(fits);
  return at < 0 ? items : items.map((item, index) => (index === at ? { ...item, cache_control: { type: 'ephemeral' } } : item));
}

/** Thinking bears no mark. */
function canBear(block: ContentBlock): boolean {
  return block.type !== 'thinking' && block.type !== 'redacted_thinking';
}
