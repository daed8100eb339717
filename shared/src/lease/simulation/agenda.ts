// Pure.

interface Entry { atMs: number; order: number; run: () => void }

/** What is going to happen, earliest first; of two at one time the one that was added first. */
export class Agenda {
  nowMs: number;
  readonly #heap: Entry[] = [];
  #added = 0;

  /** Nothing is planned yet. */
  constructor(nowMs: number) { this.nowMs = nowMs; }

  after(delayMs: number, run: () => void): void {
    const heap = this.#heap;
    const entry = { atMs: this.nowMs + delayMs, order: this.#added++, run };
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (!parent || before(parent, entry)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = entry;
  }

  /** Lets everything happen that is due within this time. */
  pass(spanMs: number): void {
    const until = this.nowMs + spanMs;
    for (let next = this.#heap[0]; next && next.atMs <= until; next = this.#heap[0]) {
      this.#remove();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = until;
  }

  #remove(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      if (!left) break;
      const right = heap[2 * at + 2];
      const [child, where] = right && before(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1];
      if (before(last, child)) break;
      heap[at] = child;
      at = where;
    }
    heap[at] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
