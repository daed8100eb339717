// Where a presented key is found: by its digest, in binary bins, with nothing decoded before it is used.
import { binOfDigest, refsPerPage } from '@fairlead/shared/snapshot/bins.ts';
import { keyInShard, placeInShard, wordsOf } from '@fairlead/shared/snapshot/key-shard.ts';
import type { ReadProfiles } from '@fairlead/shared/snapshot/key-shard.ts';
import { standingKey } from '@fairlead/shared/snapshot/key-row.ts';
import type { Standing } from '@fairlead/shared/snapshot/key-row.ts';
import type { SnapshotKey } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Branch } from './tree.ts';

/** Finds keys; synchronous. */
export interface KeyIndex { find(digest: string): SnapshotKey | undefined }

/** Keys used lately stay decoded in so many places, a newer one in an older one's. */
const places = 4096;

/** An index over checked shards, one for each bin. */
export function createKeyIndex(at: { keys: Branch; profiles: ReadProfiles; standing: Standing }): KeyIndex {
  const { profiles, standing } = at;
  const { bits, leaves } = at.keys;
  const digests = new Array<string | undefined>(places);
  const keys = new Array<SnapshotKey | undefined>(places);
  return {
    find(digest) {
      // By the last digits: the first ones name the bin.
      const place = Number.parseInt(digest.slice(-3), 16);
      if (digests[place] === digest) return keys[place];
      const bin = binOfDigest(digest, bits);
      const shard = leaves[Math.floor(bin / refsPerPage)]?.parts[bin % refsPerPage];
      const found = shard === undefined ? -1 : placeInShard(shard, wordsOf(digest));
      if (shard === undefined || found < 0) return undefined;
      const key = standingKey(keyInShard(shard, found, profiles), standing);
      digests[place] = digest;
      keys[place] = key;
      return key;
    },
  };
}
