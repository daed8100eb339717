import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplyEvent } from './events.ts';
import { openInOrder } from './in-order.ts';

/** Blocks whose events come mixed, each block's own in order and started in the order of their numbers. */
const mixed = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(), { maxLength: 30 })).map(([count, picks]): ReplyEvent[] => {
  const left = Array.from({ length: count }, (_, index): ReplyEvent[] => [{ kind: 'block-start', index, block: { kind: 'text' } }, { kind: 'block-delta', index, text: `a${index}` }, { kind: 'block-delta', index, text: `b${index}` }, { kind: 'block-end', index }]);
  const events: ReplyEvent[] = [];
  for (const pick of [...picks, ...Array.from({ length: 40 }, (_, at) => at)]) {
    const started = left.findIndex((block) => block.length === 4);
    const open = left.filter((block, at) => block.length > 0 && (block.length < 4 || at === started));
    const event = open[pick % Math.max(1, open.length)]?.shift();
    if (event) events.push(event);
  }
  return events;
});

describe('blocks in order', () => {
  it('come one after the other, each whole, however they were mixed', () => {
    fc.assert(
      fc.property(mixed, (events) => {
        const put = openInOrder();
        const out = events.flatMap(put);
        const sorted = [...events].sort((a, b) => ('index' in a ? a.index : 0) - ('index' in b ? b.index : 0));
        expect(out).toEqual(sorted);
      }),
    );
  });

  it('let events of no block pass at once', () => {
    const put = openInOrder();
    expect([put({ kind: 'block-start', index: 0, block: { kind: 'text' } }), put({ kind: 'block-start', index: 1, block: { kind: 'text' } }), put({ kind: 'keep-alive' })].map((events) => events.length)).toEqual([1, 0, 1]);
  });
});
