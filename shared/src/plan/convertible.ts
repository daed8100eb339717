// Pure. Which dialects can be carried into which: any into any other.
import type { DialectName } from '../snapshot/snapshot.ts';

/** Whether a client of one dialect is served by an upstream of another by a conversion. */
export function canConvert(client: DialectName, upstream: DialectName): boolean {
  return client !== upstream;
}
