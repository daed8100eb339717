// Pure. Errors as each dialect says them.

/** An error as a client of a dialect reads it. */
export interface WrittenFault { status: number; headers: Record<string, string>; body: unknown }

/** What each dialect needs to say an error: status, our code, the sentence. */
export interface PlainFault { status: number; message: string; code: string; retryAfterMs?: number | undefined; mayRetry: boolean }

/** How a dialect says errors, and what it makes of an upstream's. */
export type FaultWords = {
  /** The dialect's own name for the kind of an error. */
  errorType(status: number): string;
  /** The status that an error inside a stream stands for; 502 where it tells none. */
  statusOf(error: { readonly [field: string]: unknown }): number;
  /** The whole answer. `headers` are those that every dialect gives. */
  writeFault(fault: PlainFault, headers: Record<string, string>, exchangeId: string): WrittenFault;
  /** The bytes that end a stream as a failure, after content has been sent. */
  writeStreamFault(fault: PlainFault): Uint8Array;
};

/** Whether the fault is a budget that is used up: clients must show it at once, and not try again. */
export function isSpent(fault: PlainFault): boolean {
  return fault.code === 'quota.spent';
}
