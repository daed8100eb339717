import type { Price as PriceRow, Tx } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { Price } from '@fairlead/shared/money/price.ts';
import type { Actor } from '../actor.ts';
import { requireMember, requireOperator } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import type { Result } from '../problem.ts';
import { findPreset, upstreamPresets } from '../upstreams/presets.ts';
import { rowAt } from './effective.ts';
import type { PricePlace } from './effective.ts';
import { libraryPrice, librarySource } from './library.ts';
import { bundledPrice } from './preset-prices.ts';
import type { BundledPrice } from './preset-prices.ts';
import { checkModelName, ownPlace, writePrice } from './set.ts';
import { isSamePrice } from './stored.ts';

/** One price that a refresh changes, or would. */
export interface PriceChange { modelName: string; before: PriceRow | undefined; after: Price; source: string; effectiveAt: Date }

/** What a refresh comes to. */
export interface PricesRefreshed { source: string; changes: PriceChange[]; /** Models whose price was set by hand, which stays. */ kept: string[]; applied: boolean }

/**
 * Takes over what the bundled library says now of every model that is known or was used without a price. Only when it
 * is asked for, and only when `apply` is set: otherwise it says what would change. What was set by hand stays.
 */
export async function refreshPrices(domain: Domain, actor: Actor, apply: boolean): Promise<Result<PricesRefreshed>> {
  requireOperator(actor, 'models:write');
  return runCommand(domain, actor, async (command) => {
    const { changes, kept } = await findChanges(command.tx, command.now);
    if (apply) {
      for (const { modelName, after, source, effectiveAt } of changes) await writePrice(command, { id: after.id, modelName, upstreamId: null, price: after, source, effectiveAt });
      await command.audit({ action: 'prices.refresh', detail: { source: librarySource(), changed: changes.length, kept: kept.length } });
    }
    return { source: librarySource(), changes, kept, applied: apply };
  }, { propagate: true });
}

async function findChanges(tx: Tx, now: Date): Promise<{ changes: PriceChange[]; kept: string[] }> {
  const unpriced = new Map((await tx.unpricedModel.findMany()).map((row) => [row.model, row.since]));
  const models = (await tx.model.findMany({ select: { name: true } })).map((row) => row.name);
  const rows = await tx.price.findMany({ where: { upstreamId: null, effectiveAt: { lte: now } }, orderBy: [{ effectiveAt: 'asc' }, { id: 'asc' }] });
  const counting = new Map(rows.map((row) => [row.modelName, row]));
  const changes: PriceChange[] = [];
  const kept: string[] = [];
  for (const modelName of [...new Set([...models, ...unpriced.keys(), ...counting.keys()])].sort()) {
    const before = counting.get(modelName);
    const bundled = bundledFor(modelName, now);
    if (!bundled || (before && isSamePrice(before, bundled.price))) continue;
    if (before?.source === 'hand') kept.push(modelName);
    // What was used before it had any price is charged by this one: it counts from that first use on.
    else changes.push({ modelName, before, after: { id: newId('price', now.getTime()), ...bundled.price }, source: bundled.source, effectiveAt: before ? now : (unpriced.get(modelName) ?? now) });
  }
  return { changes, kept };
}

/** The bundled price of a model wherever it is served: of a preset whose prices count everywhere, else what the library knows by the name. */
function bundledFor(modelName: string, at: Date): BundledPrice | undefined {
  for (const preset of upstreamPresets()) {
    const model = preset.pricesEverywhere ? preset.models.find(({ name }) => name === modelName) : undefined;
    const bundled = model && bundledPrice(preset, model, at);
    if (bundled) return bundled;
  }
  const price = libraryPrice(modelName, at);
  return price && { price, source: librarySource() };
}

/** Goes back from a price that was set by hand to the bundled one, from now on. */
export async function resetPrice(domain: Domain, actor: Actor, input: { modelName: string; upstreamId?: string | null | undefined }): Promise<Result<PriceRow>> {
  requireMember(actor, 'models:write');
  const id = newId('price', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    checkModelName(checks, input.modelName);
    checks.done();
    const place = await ownPlace(command, input.modelName, input.upstreamId);
    const bundled = await bundledAt(command.tx, place, command.now);
    if (!bundled) throw new Refused({ code: 'NOT_FOUND', message: `No bundled price of ${input.modelName.slice(0, 100)} is known.`, path: ['modelName'], fix: 'Set its price by hand.' });
    const counts = await rowAt(command.tx, place, command.now);
    if (counts && counts.source !== 'hand' && isSamePrice(counts, bundled.price)) return counts;
    return writePrice(command, { id, ...place, price: bundled.price, source: bundled.source, effectiveAt: command.now });
  }, { propagate: true });
}

async function bundledAt(tx: Tx, { modelName, upstreamId }: PricePlace, at: Date): Promise<BundledPrice | undefined> {
  const upstream = upstreamId === null ? null : await tx.upstream.findUnique({ where: { id: upstreamId }, select: { preset: true } });
  const preset = upstream?.preset ? findPreset(upstream.preset) : undefined;
  const model = preset?.models.find(({ name }) => name === modelName) ?? { name: modelName, displayName: modelName };
  return (preset && bundledPrice(preset, model, at)) ?? bundledFor(modelName, at);
}
