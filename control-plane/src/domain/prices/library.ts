// Pure. Prices that come with a library: what it knows is taken over, what cannot be said exactly is left for people to set.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { calcPrice } from '@pydantic/genai-prices';
import type { ModelPrice, TieredPrices } from '@pydantic/genai-prices';
import { usdNano } from '@fairlead/shared/money/dollars.ts';
import type { Price, Rates, Step } from '@fairlead/shared/money/price.ts';
import type { UnitKind } from '@fairlead/shared/money/reading.ts';
import { isLoose } from '@fairlead/shared/wire/json.ts';

const library = '@pydantic/genai-prices';

let source: string | undefined;

/** The library with its version, as rows name their source. */
export function librarySource(): string {
  return source ??= `library:${library}@${versionIn(JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8')))}`;
}

// Versions are pinned exactly, so what is asked for is what is there; the package itself does not let its own be read.
function versionIn(manifest: unknown): string {
  const wanted = isLoose(manifest) && isLoose(manifest.dependencies) ? manifest.dependencies[library] : undefined;
  if (typeof wanted !== 'string') throw new Error(`${library} is no dependency of the control plane`);
  return wanted;
}

/** What the library says that a model costs at this instant, at one vendor of its or at the one that makes it; undefined when it does not know, or says what a price cannot. */
export function libraryPrice(model: string, at: Date, providerId?: string): Omit<Price, 'id'> | undefined {
  const found = calcPrice({}, model, { timestamp: at, ...(providerId === undefined ? {} : { providerId }) });
  if (!found) return undefined;
  // A price that changes with the hour of the day is none that a row could say.
  const { prices } = found.model;
  if (Array.isArray(prices) && prices.some((each) => each.constraint?.type === 'time_of_date')) return undefined;
  return priceOf(found.model_price);
}

const unitFields: Readonly<Record<string, UnitKind>> = { input_audio_mtok: 'audio-input', input_image_mtok: 'image-input', input_video_mtok: 'video-input', output_audio_mtok: 'audio-output', output_image_mtok: 'image-output' };

function priceOf(given: ModelPrice): Omit<Price, 'id'> | undefined {
  const usual = ratesFrom(given, 0);
  if (usual === undefined) return undefined;
  const starts = new Set(Object.values(given).flatMap((value) => (isTiered(value) ? value.tiers.map((tier) => tier.start) : [])));
  const steps: Step[] = [];
  for (const start of [...starts].sort((a, b) => a - b)) {
    // There a tier is for prompts of more than so many tokens.
    const rates = ratesFrom(given, start + 1);
    if (rates === undefined) return undefined;
    steps.push({ fromTokens: start + 1, ...rates });
  }
  const units: Partial<Record<UnitKind, bigint>> = {};
  for (const [field, kind] of Object.entries(unitFields)) {
    const nano = nanoOf(given[field], 0);
    if (nano !== undefined) units[kind] = nano;
  }
  const thousandSearches = nanoOf(given.web_searches_kcount, 0);
  if (thousandSearches !== undefined) units['web-search'] = thousandSearches * 1_000n;
  const thousandRequests = nanoOf(given.requests_kcount, 0);
  return {
    ...usual, ...(steps.length === 0 ? {} : { steps }), ...(Object.keys(units).length === 0 ? {} : { units }),
    ...(thousandRequests === undefined ? {} : { requestNano: (thousandRequests + 999n) / 1_000n }),
  };
}

/** Prices of tokens of a prompt this long. What the library does not tell apart costs what fresh input costs, as it counts itself. */
function ratesFrom(given: ModelPrice, promptTokens: number): Rates | undefined {
  const of = (field: string) => nanoOf(given[field], promptTokens);
  const inputNano = of('input_mtok');
  const outputNano = of('output_mtok');
  if (inputNano === undefined || outputNano === undefined) return undefined;
  const writeNano = of('cache_write_mtok') ?? inputNano;
  const reasoningNano = of('output_reasoning_mtok');
  return { inputNano, outputNano, cacheReadNano: of('cache_read_mtok') ?? inputNano, cacheWrite5mNano: writeNano, cacheWrite1hNano: of('cache_write_1h_mtok') ?? writeNano, ...(reasoningNano === undefined ? {} : { reasoningNano }) };
}

function nanoOf(value: ModelPrice[string], promptTokens: number): bigint | undefined {
  if (value === undefined) return undefined;
  const dollars = isTiered(value) ? (value.tiers.findLast((tier) => tier.start < promptTokens)?.price ?? value.base) : value;
  return Number.isFinite(dollars) && dollars >= 0 ? usdNano(dollars.toFixed(9)) : undefined;
}

// The data are plain objects, not instances of the class that describes them.
function isTiered(value: ModelPrice[string]): value is TieredPrices {
  return typeof value === 'object';
}
