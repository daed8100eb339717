import type { Tx } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { usdNano } from '@fairlead/shared/money/charge.ts';
import type { PresetModel, UpstreamPreset } from '../upstreams/presets.ts';

/** The rates of a preset's model in nano-USD per million; what is not listed follows from the input's price. Pure. */
export function ratesOf(model: PresetModel) {
  const nano = (text: string) => {
    const value = usdNano(text);
    if (value === undefined) throw new Error(`"${text}" is no amount of dollars (model ${model.name}).`);
    return value;
  };
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
    contextTokens: model.contextTokens ?? null, maxOutputTokens: model.maxOutputTokens ?? null, createdAt: now, updatedAt: now,
  }));
  const newPrices = preset.models.filter((model) => !prices.has(model.name)).map((model) => ({
    id: newId('price', now.getTime()), modelName: model.name, upstreamId, ...ratesOf(model), source: `preset:${preset.name}`, effectiveAt: now, createdAt: now,
  }));
  if (newModels.length > 0) await tx.model.createMany({ data: newModels });
  if (newPrices.length > 0) await tx.price.createMany({ data: newPrices });
}
