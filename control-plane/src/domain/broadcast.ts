/** Tells every listener of this process what happened; a listener that is too slow loses its oldest entries. */
export class Broadcast<T> {
  readonly #listeners = new Set<(item: T) => void>();

  send(item: T): void {
    for (const listener of this.#listeners) listener(item);
  }

  /** Everything sent from now until the signal aborts or the reader stops. */
  async *listen(signal?: AbortSignal, holdAtMost = 1000): AsyncGenerator<T, void, undefined> {
    const waiting: T[] = [];
    let wake: () => void = () => {};
    const listener = (item: T) => {
      waiting.push(item);
      if (waiting.length > holdAtMost) waiting.shift();
      wake();
    };
    const onAbort = () => wake();
    this.#listeners.add(listener);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal?.aborted) {
        const item = waiting.shift();
        if (item !== undefined) yield item;
        else await new Promise<void>((resolve) => { wake = resolve; });
      }
    } finally {
      this.#listeners.delete(listener);
      signal?.removeEventListener('abort', onAbort);
    }
  }
}
