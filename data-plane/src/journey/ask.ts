import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';

/** The cheap facts of a request: what routing, admission and metering need, and nothing of its content. */
export interface Ask {
  model: string;
  dialect: DialectName;
  does: 'generate' | 'count' | 'other';
  metered: boolean;
  stream: boolean;
  inputBytes: number;
  /** What the client allows the answer to be; absent when it does not say. */
  maxOutputTokens: number | undefined;
  /** How many answers the client asks for at once; each may be as long as the limit says. */
  answers: number;
  /** Whether it points to input that is not in the body: files, pages, earlier answers, tools that fetch. */
  reachesBeyond: boolean;
  /** Chat only: whether the client asked for the usage chunk itself. */
  wantsUsageChunk: boolean;
  /** Whether the request asks the upstream to write a prompt cache, which may cost more than fresh input. */
  writesCache: boolean;
  /** Whether it asks the model to think. */
  thinking?: boolean;
  client: string | undefined;
  sessionId: string | undefined;
}
