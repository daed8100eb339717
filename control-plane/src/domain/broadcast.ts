/** Tells every listener of this process what happened; a listener that is too slow loses its oldest entries. */
export class Broadcast<T> {
  readonly #listeners = new Set<(item: T) => void>();
  readonly #gathering = new Set<string>();

  /** How many listen now. */
  get listenerCount(): number {
    return this.#listeners.size;
  }

  send(item: T): void {
    for (const listener of this.#listeners) listener(item);
  }

  /** Sends once for all that is said under one name within a moment: money and story of an exchange come apart. */
  sendSoon(name: string, item: T, gatherMs = 250): void {
    if (this.#listeners.size === 0 || this.#gathering.has(name)) return;
    this.#gathering.add(name);
    setTimeout(() => {
      this.#gathering.delete(name);
      this.send(item);
    }, gatherMs).unref();
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
