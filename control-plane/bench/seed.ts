// Fills a database by SQL with many rows of usage, as months of traffic would leave them: exchanges, charges, their cost centres and hours.
import { createHash } from 'node:crypto';
import { newId } from '@fairlead/shared/id.ts';
import type { TestPlane } from '../src/testing/test-plane.ts';

const keyCount = 200, upstreamCount = 5, daysBack = 90;
const models = ['claude-opus-5-5', 'claude-sonnet-5-5', 'gpt-5.5-codex', 'gemini-3-pro'];

/** Who the seeded rows belong to, and the span they lie in. */
export interface Seeded { tenantId: string; keyId: string; session: string; from: Date; to: Date }

/** Numbers as rows: each database has its own way. */
const numbersOf = {
  sqlite: (from: number, count: number) => `WITH RECURSIVE numbers(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${from + count - 1})`,
  postgresql: (from: number, count: number) => `WITH numbers(n) AS (SELECT generate_series(${from}::bigint, ${from + count - 1}::bigint))`,
  mysql: (from: number, count: number) => `WITH RECURSIVE numbers(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${from + count - 1})`,
};

/** Seeds so many exchanges with one charge each, over ninety days, for ten tenants. */
export async function seedUsage({ plane }: TestPlane, rows: number): Promise<Seeded> {
  const { db } = plane.domain;
  const { client, provider, sql } = db;
  const to = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const from = to - daysBack * 86_400_000;
  const tenants = Array.from({ length: 10 }, () => newId('tenant'));
  const keys = Array.from({ length: keyCount }, (_, at) => ({ id: newId('key'), tenantId: tenants[at % 10] ?? '' }));
  await client.tenant.createMany({ data: tenants.map((id, at) => ({ id, name: `bench ${at}`, slug: `bench-${at}` })) });
  await client.key.createMany({ data: keys.map(({ id, tenantId }, at) => ({ id, tenantId, name: `key ${at}`, hint: 'flk_', digest: createHash('sha256').update(id).digest('hex') })) });
  // Row n belongs to key n mod 200, which uses two models in turn and has a cost centre for each; the upstream follows from the model.
  await client.costCentre.createMany({ data: keys.flatMap(({ id, tenantId }, key) => models.map((model, at) => ({ id: centreOf(key, at), tenantId, payer: 'TENANT', keyId: id, upstreamId: upstreamOf(at), model }))) });
  await client.$executeRawUnsafe('CREATE TABLE bench_key (k INTEGER PRIMARY KEY, key_id VARCHAR(64), tenant_id VARCHAR(64))');
  for (const [k, { id, tenantId }] of keys.entries()) await sql.executeRaw(client, 'INSERT INTO bench_key VALUES (?, ?, ?)', [k, id, tenantId]);
  const step = Math.max(1, Math.floor((to - from) / rows));
  const at = timeOf(provider, `${from} + n * ${step}`);
  const id = (prefix: string) => idOf(provider, prefix, `${from} + n * ${step}`, 'n');
  const mod = (by: number, of = 'n') => (provider === 'sqlite' ? `(${of}) % ${by}` : `MOD(${of}, ${by})`);
  const part = (by: number) => (provider === 'mysql' ? `n DIV ${by}` : `n / ${by}`);
  const modelAt = mod(models.length, `n + ${mod(2, part(keyCount))}`);
  const model = `CASE ${modelAt} ${models.map((name, index) => `WHEN ${index} THEN '${name}'`).join(' ')} END`;
  const centre = concat(provider, ["'centre_'", mod(keyCount), "'_'", modelAt]);
  const upstream = concat(provider, ["'ups_bench_'", modelAt]);
  // Rows lie in the order of time: a session has thirty requests of a key one after another, a branch five sessions of one repository of forty.
  const branchAt = part(keyCount * 30 * 5);
  const repo = concat(provider, ["'acme/repo-'", mod(40, `${branchAt} + ${mod(keyCount)}`)]);
  const branch = concat(provider, ["'feature/'", branchAt, "'-'", mod(keyCount)]);
  const session = concat(provider, ["'session-'", part(keyCount * 30), "'-'", mod(keyCount)]);
  const flag = (truth: string) => (provider === 'postgresql' ? `(${truth})` : `CASE WHEN ${truth} THEN 1 ELSE 0 END`);
  // MariaDB stops a recursion after a thousand rows.
  const atOnce = provider === 'mysql' ? 1_000 : 200_000;
  for (let done = 0; done < rows; done += atOnce) {
    const head = numbersOf[provider](done, Math.min(atOnce, rows - done));
    const insert = (into: string, select: string) => client.$executeRawUnsafe(provider === 'mysql' ? `INSERT INTO ${into} ${head} ${select}` : `${head} INSERT INTO ${into} ${select}`);
    await insert('exchange (id, tenant_id, key_id, node_id, started_at, ended_at, dialect, model, upstream_id, upstream_model, status, outcome, stream, attempts, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_nano, estimated, unpriced)',
      `SELECT ${id('exc')}, k.tenant_id, k.key_id, 'nod_bench', ${at}, ${at}, 'anthropic-messages', ${model}, ${upstream}, ${model}, CASE WHEN ${mod(50)} = 0 THEN 502 ELSE 200 END, CASE WHEN ${mod(50)} = 0 THEN 'FAILED' ELSE 'OK' END, ${flag('1 = 1')}, 1, 1000, 100, 0, 0, 5000000, ${flag('1 = 0')}, ${flag('1 = 0')} FROM numbers JOIN bench_key k ON k.k = ${mod(keyCount)}`);
    await insert('usage_event (id, exchange_id, attempt, node_id, boot_id, seq, ingest_id, tenant_id, key_id, upstream_id, model_asked, model_used, region, started_at, ended_at, outcome, input_tokens, output_tokens, cost_nano, estimated, unpriced, revision, centre_id, repo, branch, ticket, session_id)',
      `SELECT ${id('use')}, ${id('exc')}, 1, 'nod_bench', 'bot_bench', n + 1, 'ing_bench', k.tenant_id, k.key_id, ${upstream}, ${model}, ${model}, 'local', ${at}, ${at}, 'OK', 1000, 100, 5000000, ${flag('1 = 0')}, ${flag('1 = 0')}, 1, ${centre}, ${repo}, ${branch}, NULL, ${session} FROM numbers JOIN bench_key k ON k.k = ${mod(keyCount)}`);
  }
  await client.$executeRawUnsafe(`INSERT INTO cost_hour (centre_id, hour, requests, input_tokens, output_tokens, cost_nano) SELECT centre_id, ${hourSql[provider]} AS hour_, COUNT(*), SUM(input_tokens), SUM(output_tokens), SUM(cost_nano) FROM usage_event WHERE centre_id IS NOT NULL GROUP BY centre_id, ${hourSql[provider]}`);
  await client.$executeRawUnsafe(`INSERT INTO cost_day (centre_id, day, requests, input_tokens, output_tokens, cost_nano) SELECT centre_id, ${daySql[provider]} AS day_, SUM(requests), SUM(input_tokens), SUM(output_tokens), SUM(cost_nano) FROM cost_hour GROUP BY centre_id, ${daySql[provider]}`);
  // Of what was for something there are the hours of sessions and the days of labels.
  await client.$executeRawUnsafe(`INSERT INTO label_hour (tenant_id, hour, session_id, repo, branch, ticket, centre_id, requests, input_tokens, output_tokens, cost_nano) SELECT tenant_id, ${hourSql[provider]} AS hour_, session_id, repo, branch, '', centre_id, COUNT(*), SUM(input_tokens), SUM(output_tokens), SUM(cost_nano) FROM usage_event GROUP BY tenant_id, ${hourSql[provider]}, session_id, repo, branch, centre_id`);
  await client.$executeRawUnsafe(`INSERT INTO label_day (tenant_id, day, repo, branch, ticket, centre_id, requests, input_tokens, output_tokens, cost_nano) SELECT tenant_id, ${daySql[provider]} AS day_, repo, branch, ticket, centre_id, SUM(requests), SUM(input_tokens), SUM(output_tokens), SUM(cost_nano) FROM label_hour GROUP BY tenant_id, ${daySql[provider]}, repo, branch, ticket, centre_id`);
  await client.$executeRawUnsafe(`INSERT INTO account_balance (tenant_id, account, balance_nano) SELECT c.tenant_id, 'TENANT', -SUM(h.cost_nano) FROM cost_hour h JOIN cost_centre c ON c.id = h.centre_id GROUP BY c.tenant_id`);
  await client.nodeBoot.create({ data: { nodeId: 'nod_bench', bootId: 'bot_bench', ackedSeq: rows, maxSeq: rows } });
  await client.$executeRawUnsafe(provider === 'mysql' ? 'ANALYZE TABLE exchange, usage_event, cost_hour, cost_day, cost_centre, label_hour, label_day' : 'ANALYZE');
  return { tenantId: tenants[0] ?? '', keyId: keys[0]?.id ?? '', session: 'session-10-0', from: new Date(from), to: new Date(to + 3_600_000) };
}

const centreOf = (key: number, model: number) => `centre_${key}_${model}`;
const upstreamOf = (model: number) => `ups_bench_${model % upstreamCount}`;

const hourSql = {
  sqlite: "substr(started_at, 1, 13) || ':00:00.000+00:00'",
  postgresql: "date_trunc('hour', started_at)",
  mysql: "TIMESTAMP(DATE_FORMAT(started_at, '%Y-%m-%d %H:00:00'))",
};

const daySql = { sqlite: "substr(hour, 1, 10) || 'T00:00:00.000+00:00'", postgresql: "date_trunc('day', hour)", mysql: 'TIMESTAMP(DATE(hour))' };

function timeOf(provider: 'sqlite' | 'postgresql' | 'mysql', ms: string): string {
  if (provider === 'sqlite') return `strftime('%Y-%m-%dT%H:%M:%S', (${ms}) / 1000, 'unixepoch') || '.' || printf('%03d', (${ms}) % 1000) || '+00:00'`;
  // Both keep times without a zone, in UTC.
  if (provider === 'postgresql') return `(TIMESTAMP '1970-01-01' + ((${ms})::bigint * INTERVAL '1 millisecond'))`;
  return `TIMESTAMPADD(MICROSECOND, (${ms}) * 1000, '1970-01-01 00:00:00.000')`;
}

/** An id whose first ten characters are its time, as a real one has them; behind them is the row's number. */
function idOf(provider: 'sqlite' | 'postgresql' | 'mysql', prefix: string, ms: string, n: string): string {
  const integer = provider === 'mysql' ? 'DIV' : '/';
  const digits = Array.from({ length: 10 }, (_, at) => `SUBSTR('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST((((${ms}) ${integer} ${32 ** (9 - at)}) % 32) AS ${provider === 'mysql' ? 'SIGNED' : 'INTEGER'}) + 1, 1)`);
  const number = provider === 'sqlite' ? `printf('%016d', ${n})` : `LPAD(${provider === 'postgresql' ? `(${n})::text` : n}, 16, '0')`;
  return concat(provider, [`'${prefix}_'`, ...digits, number]);
}

function concat(provider: 'sqlite' | 'postgresql' | 'mysql', parts: readonly string[]): string {
  return provider === 'sqlite' ? parts.map((part) => `(${part})`).join(' || ') : `CONCAT(${parts.join(', ')})`;
}
