// Pure: time comes as an argument.

/** How many second tries an upstream may get: a fifth of its first ones, and one every two seconds, ten at most saved up. */
export interface RetryBudget { called(upstream: string): void; take(upstream: string, nowMs: number): boolean }

const share = 0.2;
const everyMs = 2_000;
const savedMost = 10;

/** A budget for each upstream, so that one that is dying is not buried under retries. */
export function createRetryBudget(): RetryBudget {
  const books = new Map<string, { tokens: number; atMs: number }>();
  const bookOf = (upstream: string) => {
    const known = books.get(upstream);
    if (known) return known;
    const made = { tokens: savedMost, atMs: 0 };
    books.set(upstream, made);
    return made;
  };
  return {
    called(upstream) {
      const book = bookOf(upstream);
      book.tokens = Math.min(savedMost, book.tokens + share);
    },
    take(upstream, nowMs) {
      const book = bookOf(upstream);
      if (book.atMs > 0) book.tokens = Math.min(savedMost, book.tokens + Math.max(0, nowMs - book.atMs) / everyMs);
      book.atMs = nowMs;
      if (book.tokens < 1) return false;
      book.tokens -= 1;
      return true;
    },
  };
}
