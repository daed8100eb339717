// Which quotas bind a purse: all of them must hold.
import type { Key, Quota, Tx } from '@fairlead/prisma';
import { isId } from '@fairlead/shared/id.ts';
import type { Purse } from '@fairlead/shared/lease/purse.ts';
import { subjectsOf } from './subjects.ts';
import type { Subject } from './subjects.ts';

/** Who may hold a purse. */
export function isHolder(id: string): boolean {
  return isId('key', id) || isId('upstream', id) || isId('credential', id);
}

/** Whose limits bind a holder; nothing when there is no such holder. */
async function subjectsOfHolder(tx: Pick<Tx, 'key' | 'upstream' | 'credential'>, id: string): Promise<{ subjects: Subject[]; key?: Key } | undefined> {
  if (isId('key', id)) {
    const key = await tx.key.findUnique({ where: { id } });
    return key ? { subjects: subjectsOf(key), key } : undefined;
  }
  if (isId('upstream', id)) return (await tx.upstream.count({ where: { id } })) > 0 ? { subjects: [{ subjectKind: 'UPSTREAM', subjectId: id }] } : undefined;
  if (isId('credential', id)) return (await tx.credential.count({ where: { id } })) > 0 ? { subjects: [{ subjectKind: 'CREDENTIAL', subjectId: id }] } : undefined;
  return undefined;
}

/** The quotas of a purse, every window of each, and the key when a key holds it; nothing when there is no such holder. */
export async function quotasOfPurse(tx: Pick<Tx, 'key' | 'upstream' | 'credential' | 'quota'>, { holderId, unit }: Purse): Promise<{ quotas: Quota[]; key?: Key } | undefined> {
  const found = await subjectsOfHolder(tx, holderId);
  if (!found) return undefined;
  const quotas = await tx.quota.findMany({ where: { unit, OR: found.subjects }, orderBy: { id: 'asc' } });
  return found.key ? { quotas, key: found.key } : { quotas };
}
