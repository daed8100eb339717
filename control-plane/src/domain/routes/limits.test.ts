import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openTestPlane } from '../../testing/test-plane.ts';
import type { TestPlane } from '../../testing/test-plane.ts';

let t: TestPlane;
beforeAll(async () => { t = await openTestPlane(); });
afterAll(() => t.close());

test('the patterns of a tenant\'s error rules are bounded together, and a change counts its own once', async () => {
  const create = async (name: string) => (await t.asOperator('mutation($name: String!) { done: errorRuleCreate(input: {name: $name, outcome: FAILED, pattern: "(?:abcdefghi){0,38}"}) { errorRule { id } userErrors { code path } } }', { name })).data;
  const made = [];
  for (let count = 0; count < 6; count++) made.push(await create(`r${count}`));
  expect(made.map((data) => at(data, 'done', 'userErrors'))).toEqual([[], [], [], [], [], [{ code: 'LIMIT', path: ['pattern'] }]]);
  const changed = await t.asOperator('mutation($id: ID!) { done: errorRuleUpdate(input: {id: $id, pattern: "(?:abcdefghj){0,38}"}) { userErrors { code } } }', { id: at(made[0], 'done', 'errorRule', 'id') });
  expect(at(changed.data, 'done', 'userErrors')).toEqual([]);
});

test('a tenant has at most 500 routes', async () => {
  const { client } = t.plane.domain.db;
  const upstream = await client.upstream.findFirstOrThrow();
  const operator = await client.member.findFirstOrThrow({ where: { operator: true } });
  await client.route.createMany({ data: Array.from({ length: 499 }, (_, count) => ({ id: `rte_${count}`, tenantId: operator.tenantId, name: `r${count}`, match: { models: [] }, targets: [] })) });
  const create = async () => { const reply = await t.asOperator('mutation($id: ID!) { done: routeCreate(input: {name: "r", models: [], targets: [{upstreamId: $id}]}) { userErrors { code } } }', { id: upstream.id }); expect(reply.errors).toEqual([]); return at(reply.data, 'done', 'userErrors'); };
  expect([await create(), await create()]).toEqual([[], [{ code: 'LIMIT' }]]);
});
