import type { Prisma, Upstream } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import type { Unset } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { JsonNull } from '../json.ts';
import type { Result } from '../problem.ts';
import { ownUpstream } from '../upstreams/update.ts';
import { isUnit } from './found.ts';
import { balanceSources, countUnits, everyMinutesDefault, isJsonPath } from './sources.ts';

/** How balances are read from now on; without a source not at all. */
export interface BalanceSetInput { upstreamId: string; source?: string | Unset; everyMinutes?: number | Unset; path?: string | Unset; left?: string | Unset; limit?: string | Unset; used?: string | Unset; resetsAt?: string | Unset; unit?: string | Unset }

/** Says how the balances of an upstream's accounts are read. They are read at once, and then on schedule. */
export async function setBalanceSource(domain: Domain, actor: Actor, input: BalanceSetInput): Promise<Result<Upstream>> {
  requireMember(actor, 'upstreams:write');
  return runCommand(domain, actor, async (command) => {
    const row = await ownUpstream(command, input.upstreamId, ['upstreamId']);
    const checks = new Checks();
    const balance = settingOf(checks, input);
    checks.done();
    const upstream = await command.tx.upstream.update({ where: { id: row.id }, data: { balance: balance ?? JsonNull, version: { increment: 1 } } });
    // What another source told is not this one's.
    await command.tx.vendorBalance.deleteMany({ where: { credential: { upstreamId: row.id } } });
    await command.mark('upstream', row.id);
    await command.audit({ action: 'upstream.balance', objectId: row.id, tenantId: row.tenantId, detail: { source: input.source ?? null } });
    return upstream;
  }, { propagate: true });
}

function settingOf(checks: Checks, input: BalanceSetInput): Prisma.InputJsonObject | undefined {
  const { path, left, limit, used, resetsAt, unit } = input;
  const ownPaths = { left, limit, used, resetsAt };
  const everyMinutes = checks.count(input.everyMinutes, ['everyMinutes'], 1, 1_440) ?? everyMinutesDefault;
  const source = input.source ?? undefined;
  if (source !== undefined && !balanceSources.some((known) => known === source)) checks.say(['source'], 'INVALID', `It must be one of ${balanceSources.join(', ')}.`);
  if (source !== 'JSON') {
    for (const [name, value] of Object.entries({ path, unit, ...ownPaths })) if (value !== undefined && value !== null) checks.say([name], 'INVALID', 'Only the source JSON has paths of its own.', 'Leave it out, or choose the source JSON.');
    return source === undefined ? undefined : { source, everyMinutes };
  }
  if (!path || !/^\/[\w\-./?=&%~:]{0,300}$/.test(path) || path.startsWith('//') || path.includes('..')) checks.say(['path'], 'INVALID', 'It must be a path behind the provider\'s address, such as "/v1/balance": its secret is sent nowhere else.');
  if (!unit || !isUnit(unit)) checks.say(['unit'], 'INVALID', `It must be a currency such as "USD", or one of ${countUnits.join(', ')}.`);
  if (!left && !(limit && used)) checks.say(['left'], 'INVALID', 'Say where to find what is left, or else both the limit and what is used.');
  const told: Record<string, string> = {};
  for (const [name, value] of Object.entries(ownPaths)) {
    if (!value) continue;
    if (isJsonPath(value)) told[name] = value;
    else checks.say([name], 'INVALID', 'It must be a JSONPath such as "$.data.balance".');
  }
  return { source, everyMinutes, path: path ?? '', unit: unit ?? '', ...told };
}
