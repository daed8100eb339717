import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';

/** The cheap facts of a request: what routing, admission and metering need, and nothing of its content. */
export interface Ask {
  /** As the client wrote it. */
  model: string;
  /** The model that is meant, where the name also says where (`upstream/model`) or how (`[1m]`), or a tag names another; absent = `model`. */
  wants?: string | undefined;
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

/** An Ask with everything that planning reads; later stages need only the Ask. */
export interface Surveyed extends Ask {
  facts: AskFacts;
  /** What tells this line of work from others of the same session: a sub-agent has its own. Absent without a session. */
  thread: string | undefined;
}
