import { checkShard, tenantsInShard } from '@fairlead/shared/snapshot/key-shard.ts';
import type { ReadProfiles } from '@fairlead/shared/snapshot/key-shard.ts';
import { SnapshotInvalid } from '@fairlead/shared/snapshot/snapshot-invalid.ts';
import { breathe } from './breathe.ts';
import type { Tree } from './tree.ts';

const atOnce = 32;

/** Checks the shards that are new, a few at a time; of those of before only that their tenants are still there, when some are not. Throws SnapshotInvalid. */
export async function checkKeys(tree: Tree, before: Tree | undefined, profiles: ReadProfiles): Promise<void> {
  const { bits, parts } = tree.branches.keys;
  const tenants = new Set(tree.lists.tenants.map(({ id }) => id));
  const someLeft = before !== undefined && before.lists.tenants !== tree.lists.tenants && before.lists.tenants.some(({ id }) => !tenants.has(id));
  const held = before?.branches.keys.bits === bits ? before.branches.keys.parts : [];
  let looked = 0;
  for (const [bin, shard] of parts.entries()) {
    if (!shard) continue;
    const isNew = held[bin] !== shard;
    if (isNew) checkShard(shard, bin, bits, tenants, profiles);
    else if (someLeft && tenantsInShard(shard).some((tenant) => !tenants.has(tenant))) throw new SnapshotInvalid(`keys bin ${bin}`, 'points to nothing in this snapshot', 'dangling');
    if ((isNew || someLeft) && ++looked % atOnce === 0) await breathe();
  }
}
