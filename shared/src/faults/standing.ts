/** Where a pace stands, for its client to read. */
export interface Standing {
  limit: number;
  remaining: number;
  /** Epoch ms when the whole of it is free again. */
  wholeAtMs: number;
}

/** The paces that are told of: each of the level that has the least left. */
export interface Standings { requests?: Standing | undefined; tokens?: Standing | undefined }
