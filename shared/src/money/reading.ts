// Pure. What was seen of an attempt's use.

/** Uses of a vendor's own tools. */
export const useKinds = ['web-search', 'web-fetch', 'code-execution'] as const;
/** Tokens of sound and pictures that are part of the input. */
export const inputKinds = ['audio-input', 'image-input', 'video-input'] as const;
/** Tokens of sound and pictures that are part of the output. */
export const outputKinds = ['audio-output', 'image-output'] as const;

/** What vendors count besides: uses of their own tools, and tokens of sound and pictures, which are part of input or output. */
export const unitKinds = ['web-search', 'web-fetch', 'code-execution', 'audio-input', 'audio-output', 'image-input', 'image-output', 'video-input'] as const;

/** One kind of unit. */
export type UnitKind = (typeof unitKinds)[number];

/** How many of each; what is absent was not told. */
export type Units = Readonly<Partial<Record<UnitKind, number>>>;

/** Tokens seen on one attempt. `input` excludes what was read from or written to a cache. */
export interface Reading {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  /** Part of `output`, told apart for people and for prices that tell it apart; never charged twice. */
  reasoning: number;
  /** Absent when the vendor told of none. */
  units?: Units;
  /** The grade of service that the vendor says it gave, as `serviceOf` names it; absent when it says nothing. */
  service?: string | undefined;
}

/** A reading of nothing. */
export const noReading: Reading = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 };

/** How long the prompt was: everything that was read, from wherever. */
export function promptOf(reading: Reading): number {
  return reading.input + reading.cacheRead + reading.cacheWrite5m + reading.cacheWrite1h;
}
