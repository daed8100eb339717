import { checkShard, tenantsInShard } from '@fairlead/shared/snapshot/key-shard.ts';
import type { ReadProfiles } from '@fairlead/shared/snapshot/key-shard.ts';
import { refsPerPage } from '@fairlead/shared/snapshot/bins.ts';
import { SnapshotInvalid } from '@fairlead/shared/snapshot/snapshot-invalid.ts';
import { breathe } from './breathe.ts';
import type { Tree } from './tree.ts';

const atOnce = 32;

/** Checks the shards that are new, a few at a time; of those of before only that their tenants are still there, when some are not. Throws SnapshotInvalid. */
export async function checkKeys(tree: Tree, before: Tree | undefined, profiles: ReadProfiles): Promise<void> {
  const { bits, leaves } = tree.branches.keys;
  const held = before?.branches.keys.bits === bits ? before.branches.keys.leaves : [];
  const sameTenants = before !== undefined && before.lists.tenants === tree.lists.tenants;
  if (sameTenants && before.branches.keys === tree.branches.keys) return;
  const tenants = new Set(tree.lists.tenants.map(({ id }) => id));
  const someLeft = !sameTenants && before?.lists.tenants.some(({ id }) => !tenants.has(id)) === true;
  let looked = 0;
  for (const [page, leaf] of leaves.entries()) {
    if (leaf === held[page] && !someLeft) continue;
    for (const [at, shard] of leaf.parts.entries()) {
      if (!shard) continue;
      const bin = page * refsPerPage + at;
      const isNew = held[page]?.parts[at] !== shard;
      if (isNew) checkShard(shard, bin, bits, tenants, profiles);
      else if (someLeft && tenantsInShard(shard).some((tenant) => !tenants.has(tenant))) throw new SnapshotInvalid(`keys bin ${bin}`, 'points to nothing in this snapshot', 'dangling');
      if ((isNew || someLeft) && ++looked % atOnce === 0) await breathe();
    }
  }
}
