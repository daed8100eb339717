// Pure.

/** The same bytes, with `onLeft` run when the reader stops early. A generator that was never begun runs no `finally` of its own, so a client that leaves before the first byte would go unseen. */
export function withLeaving(source: AsyncGenerator<Uint8Array>, onLeft: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => source.next(),
      return: async () => {
        // At once, also while the source waits for its next bytes: its own end comes only after them.
        onLeft();
        await source.return(undefined);
        return { done: true, value: undefined };
      },
    }),
  };
}
