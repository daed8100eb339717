// For tests and measurements: a table of what they say, with the rest empty.
import type { SnapshotFrame, SnapshotKey, SnapshotLists } from '@fairlead/shared/snapshot/snapshot.ts';
import { compileLists, createTable } from './table.ts';
import type { RoutingTable } from './table.ts';

/** What a table is made of; keys by their digests. */
export type TestTable = Partial<SnapshotFrame & SnapshotLists> & { keys?: readonly (SnapshotKey & { digest: string })[] };

/** A table of these. */
export function tableFrom({ keys = [], ...more }: TestTable): RoutingTable {
  const byDigest = new Map(keys.map(({ digest, ...key }) => [digest, key]));
  const frame: SnapshotFrame = { schema: 5, fleet: 'f', group: 'all', revision: 1, issuedAt: 0, secretEpoch: 1, hardStaleSeconds: 0, publicUrl: 'http://x', ...more };
  const lists: SnapshotLists = { tenants: [], upstreams: [], models: [], prices: [], multipliers: [], routes: [], errorRules: [], purses: [], pools: [], ...more };
  return createTable(frame, compileLists(lists), { find: (digest) => byDigest.get(digest) });
}
