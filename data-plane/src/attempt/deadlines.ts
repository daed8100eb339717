// Pure. How long an upstream may take. A large prompt takes longer to read, and a model that thinks says nothing for a while.

/** What the limits depend on. */
export interface Pace { inputTokens: number; thinking: boolean; /** The upstream's own factor. */ patience: number; /** Another candidate is waiting: it is worth giving up sooner. */ alternatives: boolean }

/** Limits of one call in ms. */
export interface Deadlines {
  /** From the call to the first frame of a stream. */
  firstFrameMs: number;
  /** From the call to the first content, whatever pings come before it. */
  firstContentMs: number;
  /** Between two frames, and between two pieces of a whole answer's body. */
  silenceMs: number;
  /** From the call to the end of a whole answer, whose first byte comes when all of it is written. */
  wholeMs: number;
}

const wholeMs = 600_000;
/** Clients wait ten minutes for a whole answer: another candidate needs the second half of them. */
const wholeShare = 0.5;

/** The limits for one call: 15 s and 240 s for each million tokens to read, at most two minutes, more where nothing else is left to try. */
export function deadlinesFor({ inputTokens, thinking, patience, alternatives }: Pace): Deadlines {
  const read = Math.min(120_000, 15_000 + inputTokens * 0.24);
  const factor = patience * (thinking ? 3 : 1) * (alternatives ? 1 : 4);
  const most = 600_000 * Math.max(1, patience);
  return {
    firstFrameMs: Math.min(most, read * factor),
    firstContentMs: Math.min(most, read * factor * 2),
    silenceMs: Math.min(most, Math.min(120_000, 30_000 + inputTokens * 0.06) * patience * (thinking ? 3 : 1)),
    wholeMs: wholeMs * patience * (alternatives ? wholeShare : 1),
  };
}
