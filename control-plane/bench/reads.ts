// How long every query of the console's pages takes over what was seeded, through GraphQL as a browser asks it.
import { ulid } from '@fairlead/shared/id.ts';
import { createManagementToken } from '../src/domain/members/tokens.ts';
import type { TestPlane } from '../src/testing/test-plane.ts';
import type { Seeded } from './seed.ts';

/** One query: its usual and its slow time. */
export interface Timing { name: string; medianMs: number; p95Ms: number }

/** Asks each query whose name matches so many times, once before without counting; tells each as soon as it is known. */
export async function* timeReads(test: TestPlane, seeded: Seeded, times: number, match = /^/): AsyncGenerator<Timing> {
  const { domain, seeded: first } = test.plane;
  await domain.db.client.member.update({ where: { id: first.ownerId }, data: { tenantId: seeded.tenantId, operator: false } });
  const tokenOf = async (operator: boolean) => {
    await domain.db.client.member.update({ where: { id: first.ownerId }, data: { operator } });
    const made = await createManagementToken(domain, { kind: 'MEMBER', id: 'sgn_bench', memberId: first.ownerId, tenantId: seeded.tenantId, role: 'OWNER', operator, scopes: ['*'] }, { name: 'bench', scopes: ['*'] });
    if (!made.ok) throw new Error('no token');
    return made.value.secret.reveal();
  };
  for (const operator of [false, true]) {
    const token = await tokenOf(operator);
    for (const [name, query] of queriesOf(seeded, operator)) {
      const told = `${operator ? 'operator' : 'tenant'}: ${name}`;
      if (!match.test(told)) continue;
      const tookMs: number[] = [];
      for (let round = 0; round <= times; round++) {
        const began = performance.now();
        const reply = await test.send(query, {}, { authorization: `Bearer ${token}` });
        if (reply.errors.length > 0) throw new Error(`${name}: ${reply.text.slice(0, 300)}`);
        if (round > 0) tookMs.push(performance.now() - began);
      }
      tookMs.sort((a, b) => a - b);
      yield { name: told, medianMs: tookMs[Math.floor(tookMs.length / 2)] ?? 0, p95Ms: tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * 0.95))] ?? 0 };
    }
  }
}

function queriesOf({ keyId, session, from, to }: Seeded, operator: boolean): [string, string][] {
  const day = new Date(to.getTime() - 86_400_000), month = new Date(to.getTime() - 30 * 86_400_000);
  const row = 'id startedAt outcome model costs: cost { amount } key { id name } upstream { id name }';
  const list = (filter: string, after = '') => `{ exchanges(first: 50${after}, filter: {${filter}}) { nodes { ${row} } pageInfo { hasNextPage endCursor } } }`;
  const middle = `exc_${ulid((from.getTime() + to.getTime()) / 2)}`;
  const span = (since: Date) => `from: "${since.toISOString()}", to: "${to.toISOString()}"`;
  const usage = (since: Date, by: string) => `{ usage(input: {${span(since)}, groupBy: [${by}]}) { rows { requests cost { amount } } totals { requests } } }`;
  const report = (since: Date, more: string) => `{ billing { report(input: {${span(since)}, ${more}}) { rows { at by { value } sums { requests cost { amount } } } totals { requests } } } }`;
  return [
    ['exchanges, newest', list('')], ['exchanges, from the middle', list('', `, after: "${middle}"`)], ['exchanges of a key', list(`keyId: "${keyId}"`)], ['exchanges that failed', list('outcome: FAILED')], ['exchanges that crashed (none)', list('outcome: CRASHED')],
    ['exchanges of a model', list('model: "gpt-5.5-codex"')], ['exchanges of an unknown model (none)', list('model: "none"')], ['exchanges of an hour', list(`since: "${month.toISOString()}", until: "${new Date(month.getTime() + 3_600_000).toISOString()}"`)],
    ['usage, a day by hour and model', usage(day, 'HOUR, MODEL')], ['usage, 30 days by day and key', usage(month, 'DAY, KEY')],
    ['billing, 30 days by model', report(month, 'by: [MODEL]')], ['billing, 90 days by key', report(from, 'by: [KEY]')], ['billing, 30 days by day', report(month, 'period: DAY, timeZone: "Europe/Berlin"')], ['billing, 90 days by month and tag', report(from, 'period: MONTH, by: [TAG]')],
    ['billing, 30 days by repository', report(month, 'by: [REPO]')], ['billing, 30 days by repository and model', report(month, 'by: [REPO, MODEL]')], ['billing, 30 days by branch', report(month, 'by: [BRANCH]')], ['billing, 30 days by day of a zone and repository', report(month, 'period: DAY, timeZone: "Europe/Berlin", by: [REPO]')], ['billing, a day by session', report(day, 'by: [SESSION]')], ['billing, 90 days of one session', report(from, `by: [MODEL], only: {sessionId: "${session}"}`)],
    ['billing, statement of 30 days', `{ billing { wallet { balance { amount } } balances { account } statement(input: {${span(month)}, account: TENANT}) { opening { amount } closing { amount } lines { kind } } } }`],
    ['billing, a page of entries', `{ billing { entries(${span(month)}, first: 50) { rows { id amount } end } } }`],
    ...(operator ? [['billing, 30 days of all tenants', report(month, 'by: [TENANT], allTenants: true')], ['billing, 30 days of all tenants by repository', report(month, 'by: [REPO], allTenants: true')], ['billing, 90 days of one session in all tenants', report(from, `by: [MODEL], only: {sessionId: "${session}"}, allTenants: true`)], ['billing, is anything missing', '{ billingCompleteness { gap deadLetters estimated balance { amount } boots { gap } } }']] as [string, string][] : []),
  ];
}
