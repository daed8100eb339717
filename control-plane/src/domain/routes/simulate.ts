// Where a request would go: decided by the code that nodes decide with, on what is stored now or on a draft.
import type { Key, Tx } from '@fairlead/prisma';
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import type { PlanPrincipal, RoutingPlan } from '@fairlead/shared/plan/plan.ts';
import { scenarioOf } from '@fairlead/shared/plan/scenario.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import type { Unset } from '../check.ts';
import type { Domain } from '../domain.ts';
import { visibleKeys } from '../keys/reads.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { subjectsOf } from '../quotas/subjects.ts';
import { textList } from '../upstreams/stored.ts';
import { readAskFacts } from '../usage/ask-facts.ts';
import { visibleExchanges } from '../usage/exchanges.ts';
import type { RoutesDraft } from './draft.ts';
import { latestHealth, noHealth, openPlanning } from './planning.ts';

/** The facts of a request, or a recorded exchange of which single facts may be changed. */
export interface RouteSimulateInput {
  exchangeId?: string | Unset; keyId?: string | Unset; draft?: RoutesDraft | Unset; health?: 'LATEST' | 'NONE' | Unset; at?: Date | Unset; seed?: string | Unset;
  model?: string | Unset; dialect?: string | Unset; stream?: boolean | Unset; inputTokens?: number | Unset; maxOutputTokens?: number | Unset; tools?: number | Unset;
  images?: boolean | Unset; thinking?: boolean | Unset; webSearch?: boolean | Unset; longContext?: boolean | Unset; subagent?: boolean | Unset; background?: boolean | Unset;
  client?: string | Unset; session?: string | Unset; explicitUpstream?: string | Unset; explicitModel?: string | Unset;
  headers?: readonly { name: string; value: string }[] | Unset; body?: readonly { name: string; value: string }[] | Unset;
}

/** Where it would go and why. */
export interface Simulation { ask: AskFacts; scenario: string; plan: RoutingPlan }

/** Decides where a request would go. Nothing is called and nothing is stored. */
export async function simulateRoute(domain: Domain, actor: Actor, input: RouteSimulateInput): Promise<Result<Simulation>> {
  const member = requireMember(actor, 'routes:read');
  requireMember(actor, 'upstreams:read');
  const nowMs = input.at?.getTime() ?? domain.clock.now();
  try {
    return await domain.db.transaction(async (tx) => {
      const checks = new Checks();
      const recorded = input.exchangeId ? await tx.exchange.findFirst({ where: { AND: [visibleExchanges(actor), { id: input.exchangeId }] } }) : undefined;
      if (recorded === null) throw notFound('exchange', ['exchangeId']);
      const facts = recorded ? readAskFacts(recorded.ask) : undefined;
      if (recorded && !facts) throw new Refused({ code: 'NOT_FOUND', message: 'What routing looked at was not kept with this exchange.', path: ['exchangeId'], fix: 'Give the facts of a request instead.' });
      const ask = askOf(checks, input, facts);
      const planning = await openPlanning(tx, checks, member, input.draft, domain.clock.now());
      const key = input.keyId ?? recorded?.keyId;
      const row = key ? await tx.key.findFirst({ where: { AND: [visibleKeys(actor), { id: key }] } }) : undefined;
      if (input.keyId && !row) throw notFound('key', ['keyId']);
      const principal = principalOf(row ?? undefined, recorded?.tenantId ?? member.tenantId, recorded?.keyId);
      const plan = planning.plan({
        ask, principal, needsPrice: row ? await isBound(tx, row) : false, nowMs, seed: input.seed ?? recorded?.id ?? 'simulation',
        health: input.health === 'NONE' ? noHealth : await latestHealth(tx, domain.clock.now()),
      });
      return { ok: true as const, value: { ask, scenario: scenarioOf(ask), plan }, warnings: [] };
    }, { timeoutMs: 15_000 });
  } catch (cause) {
    if (cause instanceof Refused) return { ok: false, problems: cause.problems };
    throw cause;
  }
}

/** Whom a key stands for; a key that is gone stands for its tenant alone. */
export function principalOf(key: Key | undefined, tenantId: string, keyId = ''): PlanPrincipal {
  if (!key) return { tenant: tenantId, key: { id: keyId } };
  const tags = textList(key.tags);
  const models = textList(key.models);
  return { tenant: key.tenantId, key: { id: key.id, name: key.name, ...(tags ? { tags } : {}), ...(models ? { models } : {}) } };
}

/** Whether a quota of dollars binds the key, so that only what has a price can serve it. */
async function isBound(tx: Tx, key: Key): Promise<boolean> {
  return (await tx.quota.count({ where: { unit: 'USD', OR: subjectsOf(key) } })) > 0;
}

function askOf(checks: Checks, input: RouteSimulateInput, recorded: AskFacts | undefined): AskFacts {
  const model = input.model ?? recorded?.model;
  if (!model) checks.say(['model'], 'INVALID', 'It must name a model, or an exchange that was recorded.');
  const inputTokens = checks.count(input.inputTokens, ['inputTokens'], 0, 100_000_000);
  const tools = checks.count(input.tools, ['tools'], 0, 100_000);
  const maxOutputTokens = checks.count(input.maxOutputTokens, ['maxOutputTokens'], 1, 100_000_000);
  const explicit = input.explicitUpstream || input.explicitModel ? { upstream: input.explicitUpstream, model: input.explicitModel } : recorded?.explicit;
  const fields = (rows: RouteSimulateInput['headers'], lower: boolean) => (rows ? Object.fromEntries(rows.map(({ name, value }) => [lower ? name.toLowerCase() : name, value])) : undefined);
  // Numbers and truth values of a body are written as text here.
  const body = input.body ? Object.fromEntries(input.body.map(({ name, value }) => [name, value === 'true' ? true : value === 'false' ? false : /^-?\d{1,15}$/.test(value) ? Number(value) : value])) : recorded?.body;
  const given = Object.fromEntries(Object.entries({ stream: input.stream, images: input.images, thinking: input.thinking, webSearch: input.webSearch, longContext: input.longContext, subagent: input.subagent, background: input.background, client: input.client, session: input.session, inputTokens, tools, maxOutputTokens }).filter(([, value]) => value !== undefined && value !== null));
  const facts = readAskFacts({ dialect: 'anthropic-messages', inputTokens: 1000, stream: true, ...recorded, ...given, model, ...(input.dialect ? { dialect: input.dialect } : {}), explicit, headers: fields(input.headers, true) ?? recorded?.headers, body });
  if (!facts && model) checks.say(['dialect'], 'INVALID', 'It must be the name of a wire format.');
  checks.done();
  if (!facts) throw new Refused({ code: 'INVALID', message: 'The facts of the request are not complete.' });
  return facts;
}
