// Pure. Which dialects can be carried into which; the node's converters keep to it.
import type { DialectName } from '../snapshot/snapshot.ts';

const converted: readonly DialectName[] = ['anthropic-messages', 'openai-chat', 'gemini-generate'];

/** Whether a client of one dialect can be served by an upstream of another. */
export function canConvert(client: DialectName, upstream: DialectName): boolean {
  return client !== upstream && converted.includes(client) && converted.includes(upstream);
}
