import { faults } from './catalog.ts';
import type { Blame, FaultCode, FaultEntry } from './catalog.ts';
import type { Standings } from './standing.ts';

/** What may accompany a fault. */
export interface FaultOptions {
  /** Numbers and names for the log; never leaves the node. */
  detail?: string;
  /** Added to the public sentence: what to do, without secrets or addresses. */
  hint?: string;
  retryAfterMs?: number;
  /** Where the pace stands that refused. */
  paces?: Standings;
  /** Overrides the catalog's status where a vendor's own is passed on. */
  status?: number;
  cause?: unknown;
}

/** A refusal or failure with a code from the catalog; it is what every broken promise ends as. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly status: number;
  readonly blame: Blame;
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly paces: Standings | undefined;
  /** The sentence that a caller may read. */
  readonly say: string;

  constructor(code: FaultCode, options: FaultOptions = {}) {
    const entry: FaultEntry = faults[code];
    super(options.detail ? `${code}: ${options.detail}` : code, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.status = options.status ?? entry.status;
    this.blame = entry.blame;
    this.detail = options.detail;
    this.retryAfterMs = options.retryAfterMs;
    this.paces = options.paces;
    this.say = options.hint ? `${entry.say} ${options.hint}` : entry.say;
  }

  /** Whether a client should send the same request again by itself. */
  get mayRetry(): boolean {
    return faults[this.code].retry === 'soon';
  }
}
