// Pure. The names of the wire formats.

/** The wire formats, in the order in which lists show them. */
export const DIALECT_NAMES = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini-generate'] as const;

/** A wire format. */
export type DialectName = (typeof DIALECT_NAMES)[number];

/** Tells whether a text names a wire format. */
export function isDialectName(value: unknown): value is DialectName {
  return DIALECT_NAMES.some((name) => name === value);
}
