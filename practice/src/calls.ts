import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';

/** What became of a call; `open` while it is being answered. */
export type CallOutcome = 'open' | 'answered' | 'refused' | 'misbehaved' | 'client-left';

/** One call as it is remembered; of the body only size and digest are kept. */
export type CallRecord = {
  readonly at: string;
  readonly path: string;
  readonly dialect: DialectName | null;
  readonly operation: string;
  /** The names of the headers that came, in lower case. */
  readonly headers: readonly string[];
  model: string | null;
  /** The first eight characters of the credential's digest; null when it was not accepted. */
  credential: string | null;
  stream: boolean;
  bodyBytes: number;
  bodySha256: string | null;
  misbehaviour: readonly string[];
  status: number | null;
  outcome: CallOutcome;
  eventsSent: number;
  /** When the first byte was written and when all was over, from the call's arrival. */
  firstByteMs: number | null;
  endedMs: number | null;
  /** When the client left before the end, from the call's arrival. */
  clientLeftMs: number | null;
};

/** The most recent calls. */
export type CallBook = {
  /** Begins a record that its owner fills in. */
  open(call: Pick<CallRecord, 'path' | 'dialect' | 'operation' | 'headers'>): { readonly record: CallRecord; elapsedMs(): number };
  /** The records, oldest first. */
  list(): readonly CallRecord[];
  /** Forgets all records. */
  clear(): void;
};

/** Creates a book that keeps at most `capacity` calls. */
export function createCallBook(now: () => number, capacity = 1_000): CallBook {
  let records: CallRecord[] = [];
  return {
    open(call) {
      const startedMs = now();
      const record: CallRecord = {
        at: new Date(startedMs).toISOString(), ...call, model: null, credential: null, stream: false, bodyBytes: 0, bodySha256: null, misbehaviour: [],
        status: null, outcome: 'open', eventsSent: 0, firstByteMs: null, endedMs: null, clientLeftMs: null,
      };
      records.push(record);
      if (records.length > capacity * 2) records = records.slice(-capacity);
      return { record, elapsedMs: () => now() - startedMs };
    },
    list: () => records.slice(-capacity),
    clear() {
      records = [];
    },
  };
}
