import type { Tx } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { usdNano } from '@fairlead/shared/money/dollars.ts';
import type { Price } from '@fairlead/shared/money/price.ts';
import type { PresetModel, UpstreamPreset } from '../upstreams/presets.ts';
import { libraryPrice, librarySource } from './library.ts';
import { columnsOf, isSamePrice } from './stored.ts';

/** A price that nobody here has set, and where it is from. */
export interface BundledPrice { price: Omit<Price, 'id'>; source: string }

/** What a preset's model costs: by the library where that knows the vendor and the model, else by the preset; undefined when neither does. Pure. */
export function bundledPrice(preset: Pick<UpstreamPreset, 'name' | 'library'>, model: PresetModel, at: Date): BundledPrice | undefined {
  const listed = preset.library === undefined ? undefined : libraryPrice(model.upstreamModel ?? model.name, at, preset.library);
  if (listed) return { price: listed, source: librarySource() };
  const price = ratesOf(model);
  return price && { price, source: `preset:${preset.name}` };
}

/** The rates of a preset's model in nano-USD per million, undefined when it says none; what is not listed follows from the input's price. Pure. */
export function ratesOf(model: PresetModel) {
  const nano = (text: string) => {
    const value = usdNano(text);
    if (value === undefined) throw new Error(`"${text}" is no amount of dollars (model ${model.name}).`);
    return value;
  };
  if (model.input === undefined || model.output === undefined) return undefined;
  const inputNano = nano(model.input);
  return {
    inputNano, outputNano: nano(model.output),
    cacheReadNano: model.cacheRead === undefined ? inputNano / 10n : nano(model.cacheRead),
    cacheWrite5mNano: model.cacheWrite5m === undefined ? (inputNano * 5n) / 4n : nano(model.cacheWrite5m),
    cacheWrite1hNano: model.cacheWrite1h === undefined ? inputNano * 2n : nano(model.cacheWrite1h),
  };
}

/** Adds the models and prices of a preset that are not known yet; what somebody has set stays. */
export async function writePresetPrices(tx: Tx, preset: UpstreamPreset, upstreamId: string | null, now: Date): Promise<void> {
  const names = preset.models.map((model) => model.name);
  const models = new Set((await tx.model.findMany({ where: { name: { in: names } }, select: { name: true } })).map((row) => row.name));
  const prices = new Set((await tx.price.findMany({ where: { modelName: { in: names }, upstreamId }, select: { modelName: true } })).map((row) => row.modelName));
  const newModels = preset.models.filter((model) => !models.has(model.name)).map((model) => ({
    id: newId('model', now.getTime()), name: model.name, displayName: model.displayName, vendor: model.vendor ?? null,
    contextTokens: model.contextTokens ?? null, maxOutputTokens: model.maxOutputTokens ?? null, ...(model.lacks ? { lacks: model.lacks } : {}), createdAt: now, updatedAt: now,
  }));
  const newPrices = preset.models.filter((model) => !prices.has(model.name)).flatMap((model) => {
    const bundled = bundledPrice(preset, model, now);
    return bundled ? [{ id: newId('price', now.getTime()), modelName: model.name, upstreamId, ...columnsOf(bundled.price), source: bundled.source, effectiveAt: now, createdAt: now }] : [];
  });
  if (newModels.length > 0) await tx.model.createMany({ data: newModels });
  if (newPrices.length > 0) await tx.price.createMany({ data: newPrices });
}

/** Adds the models and prices of a preset for one new upstream, where what counts everywhere is another price; a price that somebody set by hand stays. */
export async function writeDifferingPrices(tx: Tx, preset: UpstreamPreset, upstreamId: string, now: Date): Promise<void> {
  const everywhere = await tx.price.findMany({ where: { modelName: { in: preset.models.map((model) => model.name) }, upstreamId: null, effectiveAt: { lte: now } }, orderBy: [{ effectiveAt: 'asc' }, { id: 'asc' }] });
  const counts = new Map(everywhere.map((row) => [row.modelName, row]));
  const models = preset.models.filter((model) => {
    const bundled = bundledPrice(preset, model, now);
    const known = counts.get(model.name);
    return !bundled || !known || (known.source !== 'hand' && !isSamePrice(known, bundled.price));
  });
  await writePresetPrices(tx, { ...preset, models }, upstreamId, now);
}
