import type { Model, Price } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { isOperator, requireMember, requireOperator } from '../actor.ts';
import { Checks, isModelName } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import type { Result } from '../problem.ts';
import { checkCapabilities } from '../upstreams/settings.ts';
import { ownUpstream } from '../upstreams/update.ts';

/** A price in dollars per million tokens. */
export interface PriceSetInput {
  modelName: string; upstreamId?: string | null | undefined; input: string; output: string;
  cacheRead?: string | null | undefined; cacheWrite5m?: string | null | undefined; cacheWrite1h?: string | null | undefined;
}

const mostNano = 1_000_000n * 1_000_000_000n;

/** Sets what a model costs from now on; earlier rows stay, for the charges made with them. */
export async function setPrice(domain: Domain, actor: Actor, input: PriceSetInput): Promise<Result<Price>> {
  requireMember(actor, 'models:write');
  const id = newId('price', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    if (!isModelName(input.modelName) || input.modelName.includes('*')) checks.say(['modelName'], 'INVALID', 'It must be the whole name of a model.');
    const inputNano = checks.amount(input.input, ['input'], 0n);
    const outputNano = checks.amount(input.output, ['output'], 0n);
    const cacheReadNano = input.cacheRead ? checks.amount(input.cacheRead, ['cacheRead'], 0n) : inputNano / 10n;
    const cacheWrite5mNano = input.cacheWrite5m ? checks.amount(input.cacheWrite5m, ['cacheWrite5m'], 0n) : (inputNano * 5n) / 4n;
    const cacheWrite1hNano = input.cacheWrite1h ? checks.amount(input.cacheWrite1h, ['cacheWrite1h'], 0n) : inputNano * 2n;
    // A snapshot holds amounts of at most eighteen digits: one that does not fit would stop publishing for everyone.
    for (const [field, nano] of Object.entries({ input: inputNano, output: outputNano, cacheRead: cacheReadNano, cacheWrite5m: cacheWrite5mNano, cacheWrite1h: cacheWrite1hNano })) {
      if (nano > mostNano) checks.say([field], 'INVALID', 'It must be at most $1,000,000 for a million tokens; what is left out is derived from the input.');
    }
    checks.done();
    if (input.upstreamId) await ownUpstream(command, input.upstreamId, ['upstreamId']);
    else if (!isOperator(actor)) throw new Refused({ code: 'FORBIDDEN', message: 'Only an operator sets prices for everyone.', path: ['upstreamId'], fix: 'Name an upstream of your own.' });
    const price = await command.tx.price.create({
      data: { id, modelName: input.modelName, upstreamId: input.upstreamId ?? null, inputNano, outputNano, cacheReadNano, cacheWrite5mNano, cacheWrite1hNano, effectiveAt: command.now, createdAt: command.now },
    });
    await command.mark('price', id);
    await command.audit({ action: 'price.set', objectId: id, detail: { model: input.modelName, inputNano: String(inputNano), outputNano: String(outputNano) } });
    return price;
  }, { propagate: true });
}

/** What is known of a model. */
export interface ModelUpsertInput { name: string; displayName?: string | null | undefined; vendor?: string | null | undefined; contextTokens?: number | null | undefined; maxOutputTokens?: number | null | undefined; lacks?: readonly string[] | null | undefined }

/** Adds a model name, or changes what is known of it. */
export async function upsertModel(domain: Domain, actor: Actor, input: ModelUpsertInput): Promise<Result<Model>> {
  requireOperator(actor, 'models:write');
  const id = newId('model', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    if (!isModelName(input.name) || input.name.includes('*')) checks.say(['name'], 'INVALID', 'It must be the whole name of a model.');
    const contextTokens = checks.count(input.contextTokens, ['contextTokens'], 1, 100_000_000);
    const maxOutputTokens = checks.count(input.maxOutputTokens, ['maxOutputTokens'], 1, 100_000_000);
    const displayName = input.displayName ? checks.name(input.displayName, ['displayName']) : undefined;
    const lacks = input.lacks ? checkCapabilities(checks, input.lacks, ['lacks']) : undefined;
    const vendor = input.vendor ? checks.name(input.vendor, ['vendor'], 40) : undefined;
    checks.done();
    const known = await command.tx.model.findUnique({ where: { name: input.name } });
    const facts = { ...(displayName ? { displayName } : {}), ...(vendor ? { vendor } : {}), ...(contextTokens ? { contextTokens } : {}), ...(maxOutputTokens ? { maxOutputTokens } : {}), ...(lacks ? { lacks } : {}) };
    const model = known
      ? await command.tx.model.update({ where: { id: known.id }, data: { ...facts, version: { increment: 1 } } })
      : await command.tx.model.create({ data: { id, name: input.name, displayName: input.name, ...facts, createdAt: command.now } });
    await command.mark('model', model.id);
    await command.audit({ action: 'model.upsert', objectId: model.id, detail: { name: input.name } });
    return model;
  }, { propagate: true });
}
