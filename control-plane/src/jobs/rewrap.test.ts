import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sealedSettings } from '../crypto/fleet.ts';
import { openKeyring } from '../crypto/keyring.ts';
import { databaseKinds } from '../testing/test-database.ts';
import { makeNodeToken } from '../testing/test-node.ts';
import { openTestPlane, textAt } from '../testing/test-plane.ts';
import { rewrapSecrets } from './rewrap.ts';

describe.each(databaseKinds)('sealing anew on $name', ({ base, missing }) => {
  test.skipIf(missing)('after it nothing needs the older key; a row that no key opens is named and left; a second run has nothing to do', async () => {
    const [old, now] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))];
    const t = await openTestPlane({ base, settings: { kek: old } });
    try {
      const { client } = t.plane.domain.db;
      const made = await t.asOperator('mutation { upstreamCreate(input: {name: "v", baseUrl: "https://vendor.example", dialects: ["openai-chat"], secret: "sk-very-secret-1234"}) { upstream { credentials { id upstream { id } } } } }');
      const credentialId = textAt(made.data, 'upstreamCreate', 'upstream', 'credentials', 0, 'id');
      await makeNodeToken(t);
      const domain = { ...t.plane.domain, keyring: openKeyring(now, [old]) };
      const other = await client.credential.findFirstOrThrow({ where: { id: { not: credentialId } } });
      await client.credential.update({ where: { id: other.id }, data: { sealed: '{"v":1}' } });
      const all = sealedSettings.length + (await client.nodeToken.count()) + (await client.credential.count()) - 1;
      const signal = new AbortController().signal;
      // Two processes at once change each row once.
      const counts = await Promise.all([rewrapSecrets(domain, signal), rewrapSecrets(domain, signal)]);
      expect(counts[0] + counts[1]).toBe(all);
      expect(t.logLines.filter((line) => line.includes('secrets.not-rewrapped') && line.includes(other.id)).length).toBeGreaterThan(0);
      expect(await rewrapSecrets(domain, signal)).toBe(0);
      const alone = openKeyring(now);
      const row = await client.credential.findUniqueOrThrow({ where: { id: credentialId } });
      expect((await alone.openCredential({ upstreamId: row.upstreamId, credentialId, version: row.version }, row.sealed)).reveal()).toBe('sk-very-secret-1234');
      for (const name of sealedSettings) await alone.open((await client.setting.findUniqueOrThrow({ where: { name } })).value, `setting|${name}`);
      expect((await client.credential.findUniqueOrThrow({ where: { id: other.id } })).sealed).toBe('{"v":1}');
      expect(await client.auditEntry.count({ where: { action: 'secrets.rewrap' } })).toBeGreaterThan(0);
    } finally {
      await t.close();
    }
  });
});
