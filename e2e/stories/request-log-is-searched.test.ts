// README: the request log answers at once, however long it is: a search for something rare says how far back it looked.
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack.close());

const rows = 200_000;
const oldestMs = Date.UTC(2026, 0, 1);

/** What stands before the ids of an instant: ten characters of Crockford base 32. */
function timeText(ms: number): string {
  let text = '';
  for (let rest = ms, place = 0; place < 10; place++, rest = Math.floor(rest / 32)) text = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(rest % 32) + text;
  return text;
}

/** A real exchange, and many older ones that are copies of it; the oldest of all crashed, or one in twenty. */
async function fillLog(often: boolean): Promise<void> {
  const { secret } = await createKey(stack.api);
  expect((await ask(stack.node.url, secret, 'anthropic')).status).toBe(200);
  await stack.api.until(async () => (await stack.api.run('{ exchanges { nodes { id } } }')).exchanges.nodes.length > 0);
  const database = new DatabaseSync(path.join(stack.dataDir, 'control', 'fairlead.db'));
  database.exec('PRAGMA busy_timeout = 10000');
  database.exec(`WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows - 1})
    INSERT INTO exchange (id, tenant_id, key_id, node_id, started_at, outcome, stream)
    SELECT 'exc_${timeText(oldestMs)}' || printf('%016d', n), one.tenant_id, one.key_id, one.node_id, '2026-01-01T00:00:00.000+00:00', CASE WHEN n = 0 ${often ? 'OR n % 20 = 0' : ''} THEN 'CRASHED' ELSE 'OK' END, 0
    FROM numbers CROSS JOIN (SELECT * FROM exchange LIMIT 1) AS one`);
  database.close();
}

const page = (after: string | null) => stack.api.run('query ($after: String) { exchanges(first: 10, after: $after, filter: { outcome: CRASHED }) { nodes { id } searchedTo pageInfo { hasNextPage endCursor } } }', { after });

test('something rare is found by going on, and each page says how far back was looked', async () => {
  stack = await openStack();
  await fillLog(false);
  const found: string[] = [];
  let pages = 0;
  for (let after: string | null = null; ;) {
    const { exchanges } = await page(after);
    pages++;
    found.push(...exchanges.nodes.map((row: { id: string }) => row.id));
    if (!exchanges.pageInfo.hasNextPage) break;
    expect(exchanges.searchedTo).not.toBeNull();
    after = exchanges.pageInfo.endCursor;
  }
  expect(found).toEqual([`exc_${timeText(oldestMs)}${'0'.repeat(16)}`]);
  expect(pages).toBeGreaterThan(1);
});

test('wired: what is not rare fills its page at once, and nothing says that the search was cut short', async () => {
  stack = await openStack();
  await fillLog(true);
  const { exchanges } = await page(null);
  expect(exchanges.nodes).toHaveLength(10);
  expect(exchanges.searchedTo).toBeNull();
});
