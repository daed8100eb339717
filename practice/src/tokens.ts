// Pure. Honest, repeatable token counts: sizes divided by four.

/** Tokens of one call: `input` leaves out what was read from or written to the cache, `output` includes `reasoning`. */
export type Tokens = {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly reasoning: number;
};

/** The tokens that so many bytes count as. */
export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / 4);
}

/** The tokens that a text counts as. */
export function tokensOf(text: string): number {
  return tokensOfBytes(Buffer.byteLength(text));
}

/** The longest start of a text that is worth at most so many tokens, never cutting a character. */
export function firstTokens(text: string, limit: number): string {
  const most = Math.max(0, limit) * 4;
  if (Buffer.byteLength(text) <= most) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    end += character.length;
  }
  return text.slice(0, end);
}
