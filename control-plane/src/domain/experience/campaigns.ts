import type { Campaign, Pool, Prisma } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { requireMember, requireOperator } from '../actor.ts';
import type { BudgetInput } from '../keys/create.ts';
import { Checks, slugFor } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { JsonNull } from '../json.ts';
import { Refused, checkVersion, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { writeQuota } from '../quotas/write.ts';

/** What a pool is made from. */
export interface PoolCreateInput { name: string; cap: BudgetInput }

/** Makes a pool of sponsored money under a hard cap. */
export async function createPool(domain: Domain, actor: Actor, input: PoolCreateInput): Promise<Result<Pool>> {
  requireOperator(actor, 'pools:write');
  const member = requireMember(actor, 'pools:write');
  const id = newId('pool', domain.clock.now());
  const quotaId = newId('quota', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const name = checks.name(input.name, ['name']);
    const limitNano = checks.amount(input.cap.limit, ['cap', 'limit']);
    const window = checks.window(input.cap.window, input.cap.timeZone, ['cap']);
    checks.done();
    const pool = await command.tx.pool.create({ data: { id, tenantId: member.tenantId, name, createdAt: command.now } });
    await writeQuota(command, { id: quotaId, tenantId: member.tenantId, subjectKind: 'POOL', subjectId: id, limitNano, ...window });
    await command.audit({ action: 'pool.create', objectId: id, tenantId: member.tenantId, detail: { name, capNano: String(limitNano) } });
    return pool;
  });
}

/** Changes to a pool. */
export interface PoolUpdateInput { id: string; name?: string | null | undefined; status?: 'ACTIVE' | 'PAUSED' | null | undefined; expectedVersion?: number | null | undefined }

/** Renames, pauses or resumes a pool; its keys pause with it. */
export async function updatePool(domain: Domain, actor: Actor, input: PoolUpdateInput): Promise<Result<Pool>> {
  requireOperator(actor, 'pools:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.pool.findUnique({ where: { id: input.id } });
    if (!row) throw notFound('pool');
    checkVersion(row.version, input.expectedVersion);
    const checks = new Checks();
    const data: Prisma.PoolUncheckedUpdateInput = { version: { increment: 1 } };
    if (input.name) data.name = checks.name(input.name, ['name']);
    if (input.status) data.status = input.status;
    checks.done();
    const pool = await command.tx.pool.update({ where: { id: row.id }, data });
    await command.mark('pool', row.id);
    await command.audit({ action: 'pool.update', objectId: row.id, tenantId: row.tenantId, detail: { status: pool.status } });
    return pool;
  }, { propagate: true });
}

/** What a campaign is made from or changed to; on a change, what is left out stays. */
export interface CampaignInput {
  name?: string | null | undefined; slug?: string | null | undefined; poolId?: string | null | undefined; keyBudget?: string | null | undefined; keyTtlHours?: number | null | undefined;
  models?: readonly string[] | null | undefined; maxOutputTokens?: number | null | undefined; requestsPerMinute?: number | null | undefined;
  startsAt?: Date | null | undefined; endsAt?: Date | null | undefined; status?: 'DRAFT' | 'ACTIVE' | 'PAUSED' | 'ENDED' | null | undefined;
}

/** Opens a campaign on a pool. */
export async function createCampaign(domain: Domain, actor: Actor, input: CampaignInput & { name: string; poolId: string; keyBudget: string; keyTtlHours: number }): Promise<Result<Campaign>> {
  requireOperator(actor, 'campaigns:write');
  const id = newId('campaign', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const { data, checks } = checkCampaign(input);
    const slug = slugFor(input.slug, input.name, id);
    if (slug.length < 2) checks.say(['slug'], 'INVALID', 'It must have at least two letters or digits.');
    checks.done();
    const pool = await command.tx.pool.findUnique({ where: { id: input.poolId } });
    if (!pool) throw notFound('pool', ['poolId']);
    if (await command.tx.campaign.findUnique({ where: { slug } })) throw new Refused({ code: 'TAKEN', message: `Another campaign is called "${slug}".`, path: ['slug'] });
    const campaign = await command.tx.campaign.create({
      data: {
        id, tenantId: pool.tenantId, poolId: pool.id, slug, createdAt: command.now, name: data.name ?? input.name, status: data.status ?? 'ACTIVE',
        keyBudgetNano: data.keyBudgetNano ?? 0n, keyTtlSeconds: data.keyTtlSeconds ?? 0,
        ...(data.models ? { models: data.models } : {}), ...(data.maxOutputTokens === undefined ? {} : { maxOutputTokens: data.maxOutputTokens }),
        ...(data.requestsPerMinute === undefined ? {} : { requestsPerMinute: data.requestsPerMinute }), startsAt: input.startsAt ?? null, endsAt: input.endsAt ?? null,
      },
    });
    await command.audit({ action: 'campaign.create', objectId: id, tenantId: pool.tenantId, detail: { slug } });
    return campaign;
  });
}

/** Changes a campaign; keys that were issued keep what they were promised. */
export async function updateCampaign(domain: Domain, actor: Actor, input: CampaignInput & { id: string; expectedVersion?: number | null | undefined }): Promise<Result<Campaign>> {
  requireOperator(actor, 'campaigns:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.campaign.findUnique({ where: { id: input.id } });
    if (!row) throw notFound('campaign');
    checkVersion(row.version, input.expectedVersion);
    const { data, checks } = checkCampaign(input);
    checks.done();
    const campaign = await command.tx.campaign.update({
      where: { id: row.id },
      data: {
        ...data, ...(input.models === null ? { models: JsonNull } : {}),
        ...(input.startsAt === undefined ? {} : { startsAt: input.startsAt }), ...(input.endsAt === undefined ? {} : { endsAt: input.endsAt }), version: { increment: 1 },
      },
    });
    await command.audit({ action: 'campaign.update', objectId: row.id, tenantId: row.tenantId, detail: { status: campaign.status } });
    return campaign;
  });
}

function checkCampaign(input: CampaignInput) {
  const checks = new Checks();
  const data: { name?: string; status?: string; keyBudgetNano?: bigint; keyTtlSeconds?: number; models?: string[]; maxOutputTokens?: number; requestsPerMinute?: number } = {};
  if (input.name !== undefined && input.name !== null) data.name = checks.name(input.name, ['name']);
  if (input.keyBudget) data.keyBudgetNano = checks.amount(input.keyBudget, ['keyBudget']);
  const hours = checks.count(input.keyTtlHours, ['keyTtlHours'], 1, 24 * 365);
  if (hours !== undefined) data.keyTtlSeconds = hours * 3600;
  const models = checks.models(input.models, ['models']);
  if (models) data.models = models;
  const maxOutputTokens = checks.count(input.maxOutputTokens, ['maxOutputTokens'], 1, 10_000_000);
  if (maxOutputTokens !== undefined) data.maxOutputTokens = maxOutputTokens;
  const requestsPerMinute = checks.count(input.requestsPerMinute, ['requestsPerMinute'], 1, 1_000_000);
  if (requestsPerMinute !== undefined) data.requestsPerMinute = requestsPerMinute;
  if (input.status) data.status = input.status;
  if (input.startsAt && input.endsAt && input.startsAt >= input.endsAt) checks.say(['endsAt'], 'INVALID', 'It must be after startsAt.');
  return { data, checks };
}
