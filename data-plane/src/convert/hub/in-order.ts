// Pure. Blocks one after the other, for dialects whose clients know no others.
import type { ReplyEvent } from './events.ts';

/**
 * Puts the events of blocks in order: where several are open together, the first goes on at once and the others
 * wait for its end. Events of no block pass as they come.
 */
export function openInOrder(): (event: ReplyEvent) => ReplyEvent[] {
  const waiting = new Map<number, { readonly events: ReplyEvent[]; ended: boolean }>();
  let live = 0;
  return (event) => {
    if (!('index' in event)) return [event];
    if (event.index < live) return [];
    if (event.index > live) {
      const block = waiting.get(event.index) ?? { events: [], ended: false };
      waiting.set(event.index, block);
      block.events.push(event);
      block.ended ||= event.kind === 'block-end';
      return [];
    }
    const out: ReplyEvent[] = [event];
    if (event.kind !== 'block-end') return out;
    for (let ended = true; ended; ) {
      live += 1;
      const next = waiting.get(live);
      waiting.delete(live);
      for (const waited of next?.events ?? []) out.push(waited);
      ended = next?.ended === true;
    }
    return out;
  };
}
