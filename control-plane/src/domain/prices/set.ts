import type { Model, Price } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { Price as CountedPrice } from '@fairlead/shared/money/price.ts';
import type { Actor } from '../actor.ts';
import { isOperator, requireMember, requireOperator } from '../actor.ts';
import { Checks, isModelName } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import type { Result } from '../problem.ts';
import { checkCapabilities } from '../upstreams/settings.ts';
import { ownUpstream } from '../upstreams/update.ts';
import { checkPrice } from './check-price.ts';
import type { PriceInput } from './check-price.ts';
import { checkEffective } from './effective.ts';
import type { PricePlace } from './effective.ts';
import { columnsOf } from './stored.ts';

/** A price in dollars, where and from when it counts. */
export interface PriceSetInput extends PriceInput { modelName: string; upstreamId?: string | null | undefined; effectiveAt?: Date | null | undefined }

/** Sets what a model costs, from now on or from when is said; earlier rows stay, for the charges made with them. */
export async function setPrice(domain: Domain, actor: Actor, input: PriceSetInput): Promise<Result<Price>> {
  requireMember(actor, 'models:write');
  const id = newId('price', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const { place, price } = await checkPriceInput(command, input);
    const effectiveAt = await checkEffective(command.tx, place, input.effectiveAt, command.now);
    return writePrice(command, { id, ...place, price, source: 'hand', effectiveAt });
  }, { propagate: true });
}

/** The price and its place, when the actor may set it there; refuses otherwise. */
export async function checkPriceInput(command: Command, input: PriceSetInput): Promise<{ place: PricePlace; price: Omit<CountedPrice, 'id'> }> {
  const checks = new Checks();
  checkModelName(checks, input.modelName);
  const price = checkPrice(checks, input);
  checks.done();
  return { place: await ownPlace(command, input.modelName, input.upstreamId), price };
}

/** Says what is wrong with the name of one model. */
export function checkModelName(checks: Checks, name: string): void {
  if (!isModelName(name) || name.includes('*')) checks.say(['modelName'], 'INVALID', 'It must be the whole name of a model.');
}

/** The place of a price when the actor may set it there. */
export async function ownPlace(command: Command, modelName: string, upstreamId: string | null | undefined): Promise<PricePlace> {
  if (upstreamId) await ownUpstream(command, upstreamId, ['upstreamId']);
  else if (!isOperator(command.actor)) throw new Refused({ code: 'FORBIDDEN', message: 'Only an operator sets prices for everyone.', path: ['upstreamId'], fix: 'Name an upstream of your own.' });
  return { modelName, upstreamId: upstreamId ?? null };
}

/** Adds a row of prices, with its note in the audit. */
export async function writePrice(command: Command, row: PricePlace & { id: string; price: Omit<CountedPrice, 'id'>; source: string; effectiveAt: Date }): Promise<Price> {
  const { id, modelName, upstreamId, price, source, effectiveAt } = row;
  const written = await command.tx.price.create({ data: { id, modelName, upstreamId, ...columnsOf(price), source, effectiveAt, createdAt: command.now } });
  await command.mark('price', id);
  await command.audit({ action: 'price.set', objectId: id, detail: { model: modelName, inputNano: String(price.inputNano), outputNano: String(price.outputNano), source, effectiveAt: effectiveAt.toISOString() } });
  return written;
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
