import type { ErrorRule, Prisma } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import type { Unset } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, checkVersion, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { checkPattern, patternSteps } from './pattern-check.ts';
import { errorMatch, errorOutcomes } from './stored.ts';

/** What an error rule is made from or changed to; on a change undefined stays, and null takes a part away. */
export interface ErrorRuleInput {
  name?: string | Unset; position?: number | Unset; upstreamId?: string | Unset; statuses?: readonly number[] | Unset; pattern?: string | Unset;
  outcome?: string | Unset; say?: string | Unset; answerStatus?: number | Unset; shared?: boolean | Unset; status?: 'ACTIVE' | 'PAUSED' | Unset;
}

/** A tenant may not have more error rules than this: each error of an upstream is held against all. */
const mostRules = 200;
/** Nor patterns larger than this together: a node answers everybody in one thread. */
const mostSteps = 2_000;

/** Makes an error rule. */
export async function createErrorRule(domain: Domain, actor: Actor, input: ErrorRuleInput & { name: string }): Promise<Result<ErrorRule>> {
  const member = requireMember(actor, 'routes:write');
  const id = newId('errorRule', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const shared = input.shared ?? false;
    if (shared && !member.operator) throw new Refused({ code: 'FORBIDDEN', message: 'Only an operator makes error rules for everyone.', path: ['shared'] });
    const tenantId = shared ? null : member.tenantId;
    if ((await command.tx.errorRule.count({ where: { tenantId } })) >= mostRules) throw new Refused({ code: 'LIMIT', message: `There can be at most ${mostRules} error rules.`, fix: 'Delete those that are not needed any more.' });
    const data = await checkErrorRule(command, input, { id, tenantId, match: {}, outcome: null, say: null, answerStatus: null });
    const rule = await command.tx.errorRule.create({ data: { id, tenantId, createdAt: command.now, ...data, name: data.name ?? input.name, match: data.match } });
    await command.mark('errorRule', id);
    await command.audit({ action: 'errorRule.create', objectId: id, tenantId, detail: { name: rule.name } });
    return rule;
  }, { propagate: true });
}

/** Changes an error rule. */
export async function updateErrorRule(domain: Domain, actor: Actor, input: ErrorRuleInput & { id: string; expectedVersion?: number | Unset }): Promise<Result<ErrorRule>> {
  requireMember(actor, 'routes:write');
  return runCommand(domain, actor, async (command) => {
    const row = await ownErrorRule(command, input.id);
    checkVersion(row.version, input.expectedVersion);
    const data = await checkErrorRule(command, input, row);
    const rule = await command.tx.errorRule.update({ where: { id: row.id }, data: { ...data, version: { increment: 1 } } });
    await command.mark('errorRule', row.id);
    await command.audit({ action: 'errorRule.update', objectId: row.id, tenantId: row.tenantId, detail: { name: rule.name } });
    return rule;
  }, { propagate: true });
}

/** Removes an error rule. */
export async function deleteErrorRule(domain: Domain, actor: Actor, id: string): Promise<Result<string>> {
  requireMember(actor, 'routes:write');
  return runCommand(domain, actor, async (command) => {
    const row = await ownErrorRule(command, id);
    await command.tx.errorRule.delete({ where: { id } });
    await command.mark('errorRule', id);
    await command.audit({ action: 'errorRule.delete', objectId: id, tenantId: row.tenantId, detail: { name: row.name } });
    return id;
  }, { propagate: true });
}

async function ownErrorRule(command: Command, id: string): Promise<ErrorRule> {
  const member = requireMember(command.actor, 'routes:write');
  const row = await command.tx.errorRule.findUnique({ where: { id } });
  if (!row || (row.tenantId !== member.tenantId && !member.operator)) throw notFound('error rule');
  return row;
}

async function checkErrorRule(command: Command, input: ErrorRuleInput, before: Pick<ErrorRule, 'id' | 'tenantId' | 'outcome' | 'say' | 'answerStatus'> & { match: unknown }) {
  const checks = new Checks();
  const known = errorMatch(before.match);
  const statuses = input.statuses === undefined ? known.statuses : checkStatuses(checks, input.statuses ?? []);
  const pattern = input.pattern === undefined ? known.pattern : input.pattern === null ? undefined : checkPattern(checks, input.pattern, ['pattern']);
  if (checks.problems.length === 0 && input.pattern) {
    const others = await command.tx.errorRule.findMany({ where: { tenantId: before.tenantId, id: { not: before.id } }, select: { match: true } });
    const steps = others.reduce((sum, row) => sum + patternSteps(errorMatch(row.match).pattern), patternSteps(pattern));
    if (steps > mostSteps) throw new Refused({ code: 'LIMIT', message: `The patterns of all error rules together have ${steps} steps; there can be at most ${mostSteps}.`, path: ['pattern'], fix: 'Shorten patterns, join rules that do the same, or delete those that are not needed any more.' });
  }
  const match: Prisma.InputJsonObject = { ...(statuses?.length ? { statuses } : {}), ...(pattern === undefined ? {} : { pattern }) };
  const data: { name?: string; position?: number; status?: string; upstreamId?: string | null; match: Prisma.InputJsonObject; outcome: string | null; say: string | null; answerStatus: number | null } = {
    match,
    outcome: input.outcome === undefined ? before.outcome : input.outcome,
    say: input.say === undefined ? before.say : input.say === null ? null : checks.name(input.say, ['say'], 1000),
    answerStatus: input.answerStatus === undefined ? before.answerStatus : checks.count(input.answerStatus, ['answerStatus'], 400, 599) ?? null,
  };
  if (input.name !== undefined && input.name !== null) data.name = checks.name(input.name, ['name']);
  const position = checks.count(input.position, ['position'], 0, 1_000_000);
  if (position !== undefined) data.position = position;
  if (input.status) data.status = input.status;
  if (data.outcome !== null && !errorOutcomes.some((outcome) => outcome === data.outcome)) checks.say(['outcome'], 'INVALID', `It must be one of ${errorOutcomes.join(', ')}.`);
  if (data.outcome === null && data.say === null && data.answerStatus === null) checks.say(['outcome'], 'INVALID', 'It must change something.', 'Give an outcome, a text to say, or a status to answer with.');
  if (input.upstreamId !== undefined) {
    data.upstreamId = input.upstreamId;
    const reachable = [{ tenantId: null }, ...(before.tenantId === null ? [] : [{ tenantId: before.tenantId }])];
    if (input.upstreamId !== null && !(await command.tx.upstream.findFirst({ where: { id: input.upstreamId, OR: reachable }, select: { id: true } }))) checks.say(['upstreamId'], 'NOT_FOUND', 'There is no such upstream.');
  }
  checks.done();
  return data;
}

function checkStatuses(checks: Checks, statuses: readonly number[]): number[] {
  if (statuses.length > 50) checks.say(['statuses'], 'TOO_LONG', 'It must have at most 50 statuses.');
  statuses.slice(0, 50).forEach((status, at) => { checks.count(status, ['statuses', String(at)], 100, 599); });
  return [...new Set(statuses)];
}
