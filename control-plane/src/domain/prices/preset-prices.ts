import type { Tx } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { usdNano } from '@fairlead/shared/money/charge.ts';
import type { PresetModel, UpstreamPreset } from '../upstreams/presets.ts';

/** The rates of a preset's model in nano-USD per million, undefined when its price is not known; what is not listed follows from the input's price. Pure. */
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
    const rates = ratesOf(model);
    return rates ? [{ id: newId('price', now.getTime()), modelName: model.name, upstreamId, ...rates, source: `preset:${preset.name}`, effectiveAt: now, createdAt: now }] : [];
  });
  if (newModels.length > 0) await tx.model.createMany({ data: newModels });
  if (newPrices.length > 0) await tx.price.createMany({ data: newPrices });
}

/** Adds the models and prices of a preset for one new upstream, where what counts everywhere is another price; a price that somebody set by hand stays. */
export async function writeDifferingPrices(tx: Tx, preset: UpstreamPreset, upstreamId: string, now: Date): Promise<void> {
  const everywhere = await tx.price.findMany({ where: { modelName: { in: preset.models.map((model) => model.name) }, upstreamId: null, effectiveAt: { lte: now } }, orderBy: [{ effectiveAt: 'asc' }, { id: 'asc' }] });
  const counts = new Map(everywhere.map((row) => [row.modelName, row]));
  const models = preset.models.filter((model) => {
    const rates = ratesOf(model);
    const known = counts.get(model.name);
    if (!rates || !known) return true;
    return known.source !== 'hand' && (known.inputNano !== rates.inputNano || known.outputNano !== rates.outputNano || known.cacheReadNano !== rates.cacheReadNano);
  });
  await writePresetPrices(tx, { ...preset, models }, upstreamId, now);
}
