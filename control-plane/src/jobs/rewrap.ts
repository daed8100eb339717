import { sealedSettings } from '../crypto/fleet.ts';
import { writeAudit } from '../domain/command.ts';
import type { Domain } from '../domain/domain.ts';
import { tokenAad } from '../domain/nodes/token.ts';
import { describeError } from '../log.ts';

const pageRows = 200;

/**
 * Seals by the key-encryption key in use what an older one has sealed: settings, node tokens, credentials. Each row is
 * changed only while it is as it was read, so this runs beside everything else and in several processes. A row that no
 * key opens is logged and left. Returns how many rows it changed.
 */
export async function rewrapSecrets(domain: Domain, signal: AbortSignal): Promise<number> {
  const { keyring, log, db: { client } } = domain;
  if (!keyring.hasOlder) return 0;
  let changed = 0;
  let unreadable = 0;
  const renew = async (what: string, read: () => Promise<string | undefined>, write: (sealed: string) => Promise<{ count: number }>) => {
    try {
      const sealed = await read();
      if (sealed !== undefined) changed += (await write(sealed)).count;
    } catch (cause) {
      unreadable += 1;
      log.error('secrets.not-rewrapped', { what, ...describeError(cause) });
    }
  };
  for (const { name, value } of await client.setting.findMany({ where: { name: { in: [...sealedSettings] } } })) {
    await renew(`setting ${name}`, () => keyring.renew(value, `setting|${name}`), (sealed) => client.setting.updateMany({ where: { name, value }, data: { value: sealed } }));
  }
  for (let after = ''; !signal.aborted; ) {
    const rows = await client.nodeToken.findMany({ where: { id: { gt: after } }, orderBy: { id: 'asc' }, take: pageRows, select: { id: true, sealedMacKey: true } });
    for (const { id, sealedMacKey } of rows) await renew(`node token ${id}`, () => keyring.renew(sealedMacKey, tokenAad(id)), (sealed) => client.nodeToken.updateMany({ where: { id, sealedMacKey }, data: { sealedMacKey: sealed } }));
    after = rows.at(-1)?.id ?? after;
    if (rows.length < pageRows) break;
  }
  for (let after = ''; !signal.aborted; ) {
    const rows = await client.credential.findMany({ where: { id: { gt: after } }, orderBy: { id: 'asc' }, take: pageRows, select: { id: true, upstreamId: true, version: true, sealed: true } });
    for (const { id, upstreamId, version, sealed: before } of rows) {
      await renew(`credential ${id}`, () => keyring.renewCredential({ upstreamId, credentialId: id, version }, before), (sealed) => client.credential.updateMany({ where: { id, version, sealed: before }, data: { sealed } }));
    }
    after = rows.at(-1)?.id ?? after;
    if (rows.length < pageRows) break;
  }
  if (signal.aborted) return changed;
  if (changed > 0) await domain.db.transaction((tx) => writeAudit(tx, { kind: 'SYSTEM' }, new Date(domain.clock.now()), { action: 'secrets.rewrap', detail: { kek: keyring.kekId, changed, unreadable } }));
  if (unreadable === 0) log.info('secrets.rewrapped', { kek: keyring.kekId, changed, note: 'nothing needs FAIRLEAD_KEK_OLD any more' });
  return changed;
}
