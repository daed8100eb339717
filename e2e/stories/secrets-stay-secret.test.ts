// README: "Provider secrets are sealed": in no file, log, snapshot or database cell in the clear.
import { spawnSync } from 'node:child_process';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { hasDatabase } from '../stack/database.ts';
import type { DatabaseKind } from '../stack/database.ts';
import { createKey } from '../stack/reads.ts';
import { holds, placesOf } from '../stack/search.ts';
import { openStack, secondCredential } from '../stack/stack.ts';

for (const database of ['sqlite', 'postgres'] as DatabaseKind[]) {
  describe.skipIf(!hasDatabase(database))(`on ${database}`, () => {
    test('a provider secret and a client key are used and found nowhere in the clear', async () => {
      const stack = await openStack({ database });
      try {
        const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id credentials { id hint } } userErrors { message path } } }', {
          input: { name: 'Canary', baseUrl: stack.practiceUrl, dialects: ['anthropic-messages'], auth: 'X_API_KEY', secret: secondCredential },
        });
        expect(upstreamCreate.upstream.credentials[0].hint).toBe(`…${secondCredential.slice(-4)}`);
        const { secret } = await createKey(stack.api);
        const heard = await ask(stack.node.url, secret, 'anthropic', { stream: true });
        expect([heard.status, heard.headers.get('x-fairlead-upstream')]).toEqual([200, 'Canary']);
        await stack.practice.script({ next: [{ do: '500', message: `your key ${secondCredential} is odd` }] });
        const quoted = await ask(stack.node.url, secret, 'anthropic');
        expect(quoted.body).not.toContain(secondCredential);
        // Another conversation: the first one stays where it was served last.
        await stack.api.until(async () => (await ask(stack.node.url, secret, 'anthropic', { prompt: 'Something else.' })).headers.get('x-fairlead-upstream') === 'Canary');
        await stack.practice.script({ next: [{ do: 'error-event', after: 8, message: `broken for ${secondCredential}` }] });
        const streamed = await ask(stack.node.url, secret, 'anthropic', { stream: true, prompt: 'More [[practice many {"events": 12}]] [[practice trickle {"ms": 15}]]' });
        expect([streamed.body.includes('broken for [secret]'), streamed.body.includes(secondCredential)]).toEqual([true, false]);
        await stack.api.until(async () => (await stack.api.run('{ exchanges(first: 5) { nodes { id } } }')).exchanges.nodes.length >= 2);

        for (const text of [secondCredential, secret]) {
          const { looked, found } = placesOf(stack, text);
          expect(looked).toBeGreaterThan(5);
          expect(found).toEqual([]);
        }
        if (stack.databaseUrl !== undefined) {
          const dump = await everyCell(stack.databaseUrl);
          expect(dump.length).toBeGreaterThan(1_000);
          expect([holds(dump, secondCredential), holds(dump, secret)]).toEqual([false, false]);
        }
        // Wired: the search does find what is there.
        expect(holds(Buffer.from(`a ${Buffer.from(`zz${secondCredential}zz`).toString('base64')}`), secondCredential)).toBe(true);
        const modes = spawnSync('find', [stack.dataDir, '-type', 'f', '-name', 'kek*', '-perm', '600'], { encoding: 'utf8' }).stdout.trim();
        expect(modes).toContain('kek');
      } finally {
        await stack.close();
      }
    });
  });
}

async function everyCell(url: string): Promise<Buffer> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ table_name: string }>("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'");
    const parts: Buffer[] = [];
    for (const { table_name: name } of rows) {
      const found = await client.query<Record<string, unknown>>(`SELECT * FROM "${name}"`);
      for (const row of found.rows) for (const cell of Object.values(row)) parts.push(Buffer.isBuffer(cell) ? cell : Buffer.from(typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? '')));
    }
    return Buffer.concat(parts);
  } finally {
    await client.end();
  }
}
