import type { Key } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { writeQuota } from '../quotas/write.ts';
import { holdWallet } from '../wallet/move.ts';
import { keyLimitsOf } from './limits.ts';
import type { KeyLimitsInput } from './limits.ts';
import { mint } from './mint.ts';

/** A limit with its window, as given. */
export interface BudgetInput { limit: string; window: string; timeZone?: string | null | undefined }

/** What a key is made from. */
export interface KeyCreateInput extends KeyLimitsInput {
  name: string;
  tenantId?: string | null | undefined;
  models?: readonly string[] | null | undefined;
  expiresAt?: Date | null | undefined;
  tags?: readonly string[] | null | undefined;
  replay?: boolean | null | undefined;
  budget?: BudgetInput | null | undefined;
  funding?: OwnFunding | null | undefined;
}

/** What a tenant may let pay for its keys. */
export type OwnFunding = 'TENANT_BUDGET' | 'WALLET';

/** A tenant may not have more keys than this that are not revoked. */
const mostKeys = 10_000;

/** Makes a key; its secret is in the answer and nowhere else. */
export async function createKey(domain: Domain, actor: Actor, input: KeyCreateInput): Promise<Result<{ key: Key; secret: Secret }>> {
  const member = requireMember(actor, 'keys:write');
  const at = domain.clock.now();
  const id = newId('key', at);
  const quotaId = newId('quota', at);
  const walletQuotaId = newId('quota', at);
  const minted = mint('key');
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const name = checks.name(input.name, ['name']);
    const models = checks.models(input.models, ['models']);
    const limits = keyLimitsOf(checks, input);
    const clients = checks.clients(input.clients, ['clients']);
    const tags = checks.tags(input.tags, ['tags']);
    const expiresAt = checks.future(input.expiresAt, ['expiresAt'], command.now.getTime());
    const budget = input.budget ? { limitNano: checks.amount(input.budget.limit, ['budget', 'limit']), ...checks.window(input.budget.window, input.budget.timeZone, ['budget']) } : undefined;
    checks.done();
    const tenantId = input.tenantId ?? member.tenantId;
    if (tenantId !== member.tenantId && !member.operator) throw notFound('tenant', ['tenantId']);
    const tenant = await command.tx.tenant.findUnique({ where: { id: tenantId } });
    if (!tenant) throw notFound('tenant', ['tenantId']);
    if ((await command.tx.key.count({ where: { tenantId, status: { not: 'REVOKED' } } })) >= mostKeys) {
      throw new Refused({ code: 'LIMIT', message: `A tenant can have at most ${mostKeys} keys.`, fix: 'Revoke keys that are not used any more.' });
    }
    const key = await command.tx.key.create({
      data: {
        id, tenantId, memberId: member.memberId, name, hint: minted.hint, digest: minted.digest, createdAt: command.now,
        ...limits, ...(models ? { models } : {}), ...(clients?.length ? { clients } : {}), ...(tags?.length ? { tags } : {}), replay: input.replay ?? false, expiresAt: expiresAt ?? null,
        funding: input.funding ?? 'TENANT_BUDGET',
      },
    });
    if (input.funding === 'WALLET') await holdWallet(command, sql(domain.db.provider), tenantId, walletQuotaId);
    if (budget) await writeQuota(command, { id: quotaId, tenantId, subjectKind: 'KEY', subjectId: id, ...budget });
    await command.mark('key', id);
    await command.audit({ action: 'key.create', objectId: id, tenantId, detail: { name, hint: minted.hint } });
    return { key, secret: minted.secret };
  }, { propagate: true });
}
