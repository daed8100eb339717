// Pure. Why a model stopped.

/** The reasons that mean something to every client. */
export type StopReason = 'end' | 'tools' | 'length' | 'stop-sequence' | 'refusal' | 'pause' | 'context-full' | 'unknown';

/** A reason with the vendor's own word for it. */
export type Stop = { readonly reason: StopReason; readonly raw: string | undefined; readonly sequence: string | undefined };
