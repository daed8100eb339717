// Pure. What an upstream wants said in its own way.

/** How a request has to be written for the upstream that will serve it. */
export type Target = {
  /** The model's name at the upstream. */
  readonly model: string;
  /** The output limit to state where the client gave none, or one above it. */
  readonly maxOutputTokens: number;
  /** Whether the limit must be stated even where the dialect needs none. */
  readonly limitOutput: boolean;
  /** Whose seals it can open: equal for all upstreams that can read each other's. */
  readonly issuer: string;
};

/** The limit to write: the client's own unless it is above the target's. */
export function outputLimit(asked: number | undefined, target: Target): number | undefined {
  if (asked !== undefined) return Math.min(asked, target.maxOutputTokens);
  return target.limitOutput ? target.maxOutputTokens : undefined;
}
