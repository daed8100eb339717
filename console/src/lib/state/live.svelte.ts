import { CallFailed } from '#lib/api/client.ts';

/** A read that is repeated while the page is visible, so that changes made elsewhere show within seconds. */
export class Live<Value> {
  value = $state.raw<Value>();
  failure = $state.raw<CallFailed>();
  readonly #read: (signal: AbortSignal) => Promise<Value>;
  readonly #everyMs: number;
  #turn = 0;
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  constructor(read: (signal: AbortSignal) => Promise<Value>, everyMs = 3000) {
    this.#read = read;
    this.#everyMs = everyMs;
  }

  /** Begins to read; made for `$effect`: it returns how to stop, and what `read` depends on starts it anew. */
  start(): () => void {
    this.#running = true;
    const wake = () => { if (!document.hidden) void this.refresh(); };
    document.addEventListener('visibilitychange', wake);
    void this.refresh();
    return () => {
      this.#running = false;
      document.removeEventListener('visibilitychange', wake);
      clearTimeout(this.#timer);
      this.#abort?.abort();
      this.#turn++;
    };
  }

  /** Reads now; an answer that was overtaken by a later read or change is dropped. */
  async refresh(): Promise<void> {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const value = await this.#read(abort.signal);
      if (turn !== this.#turn) return;
      this.value = value;
      this.failure = undefined;
    } catch (cause) {
      if (turn !== this.#turn) return;
      this.failure = cause instanceof CallFailed ? cause : new CallFailed('broken', 'Something broke in the console.', cause);
    }
    this.#again();
  }

  /** Puts what a mutation answered in its place at once. */
  change(next: (value: Value) => Value): void {
    if (this.value === undefined) return;
    this.#turn++;
    this.#abort?.abort();
    this.value = next(this.value);
    this.#again();
  }

  #again(): void {
    clearTimeout(this.#timer);
    if (this.#running) this.#timer = setTimeout(() => { if (document.hidden) this.#again(); else void this.refresh(); }, this.#everyMs);
  }
}
