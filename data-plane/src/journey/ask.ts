import type { Units } from '@fairlead/shared/money/reading.ts';
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Labels } from '@fairlead/shared/usage/labels.ts';

/** The labels of a request, and what was done to those that could not be taken as they are. */
export interface Labelled { labels: Labels; notes: readonly string[] | undefined }

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
  /** The grade of service that it asks for, as prices name it; absent = the usual one. */
  service?: string | undefined;
  /** How often the vendor's own tools may be used at most; absent = it offers none. */
  uses?: Units | undefined;
  client: string | undefined;
  sessionId: string | undefined;
  /** What it is for, as the client says it; absent = nothing said. */
  labelled?: Labelled | undefined;
}

/** An Ask with everything that planning reads; later stages need only the Ask. */
export interface Surveyed extends Ask {
  facts: AskFacts;
  /** What tells this line of work from others of the same session: a sub-agent has its own. Absent without a session. */
  thread: string | undefined;
}
