// Pure. The part of an AbortSignal that waiting needs, and one that costs a tenth of it.

/** Tells once that something is over. Every AbortSignal is one. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', hear: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', hear: () => void): void;
}

/** A signal with its end in hand, as an AbortController has it: two are made for each request, and an EventTarget costs more than what it tells. */
export class Stop implements Signal {
  aborted = false;
  reason: unknown = undefined;
  #hearing: (() => void)[] | undefined;

  get signal(): Signal { return this; }

  abort(reason: unknown = new Error('it was stopped')): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const hear of this.#hearing ?? []) {
      // What one of them breaks must not keep it from the others.
      try { hear(); } catch (cause) { queueMicrotask(() => { throw cause; }); }
    }
    this.#hearing = undefined;
  }

  addEventListener(_type: 'abort', hear: () => void): void {
    if (this.aborted) return;
    if (this.#hearing) this.#hearing.push(hear);
    else this.#hearing = [hear];
  }

  removeEventListener(_type: 'abort', hear: () => void): void {
    const at = this.#hearing?.indexOf(hear) ?? -1;
    if (at < 0) return;
    // In place while they are told, so that nobody is passed over.
    if (this.aborted) this.#hearing?.splice(at, 1, () => undefined);
    else if (at === (this.#hearing?.length ?? 0) - 1) this.#hearing?.pop();
    else this.#hearing?.splice(at, 1);
  }
}
