// Pure. Which dialects can be carried into which; the node's converters keep to it.
import type { DialectName } from '../snapshot/snapshot.ts';

const pairs: Readonly<Partial<Record<DialectName, readonly DialectName[]>>> = {
  'anthropic-messages': ['openai-chat'],
  'openai-chat': ['anthropic-messages'],
};

/** Whether a client of one dialect can be served by an upstream of another. */
export function canConvert(client: DialectName, upstream: DialectName): boolean {
  return pairs[client]?.includes(upstream) ?? false;
}
