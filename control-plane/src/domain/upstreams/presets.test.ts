import { quirks } from '@fairlead/shared/transformers/descriptors.ts';
import { expect, test } from 'vitest';
import { Checks } from '../check.ts';
import { usdText } from '@fairlead/shared/money/charge.ts';
import { libraryPrice, librarySource } from '../prices/library.ts';
import { bundledPrice, ratesOf } from '../prices/preset-prices.ts';
import { findPreset, upstreamPresets } from './presets.ts';
import { checkBaseUrl } from './rules.ts';

const listPrices: [string, string, string][] = [
  ['claude-opus-5-5', '4.00', '20.00'], ['claude-fable-5-2', '8.00', '40.00'], ['claude-sonnet-5-5', '2.00', '10.00'], ['claude-haiku-5-5', '0.10', '0.50'], ['practice-1', '1.00', '5.00'],
  ['gpt-5.5', '1.25', '10.00'], ['gpt-6', '2.00', '12.00'], ['gemini-3-pro', '0.50', '3.00'], ['gemini-3-flash-preview', '0.50', '3.00'],
];

test.each(listPrices)('%s costs %s for a million input and %s for a million output tokens, wherever it is listed', (name, input, output) => {
  // Where the library knows a vendor's model, its preset says no price.
  const found = upstreamPresets().flatMap((preset) => preset.models.filter((model) => model.name === name && model.input !== undefined));
  expect(found.length).toBeGreaterThan(0);
  for (const model of found) {
    const rates = ratesOf(model);
    if (!rates) throw new Error(`${name} has no price`);
    expect([usdText(rates.inputNano), usdText(rates.outputNano)]).toEqual([input, output]);
    expect([rates.cacheReadNano * 10n, rates.cacheWrite5mNano * 4n, rates.cacheWrite1hNano]).toEqual([rates.inputNano, rates.inputNano * 5n, rates.inputNano * 2n]);
  }
});

test('the presets are vendors, each once under every name it has, with an address that can be called once its blanks are filled', () => {
  const presets = upstreamPresets();
  expect(presets.length).toBeGreaterThanOrEqual(40);
  const names = presets.flatMap((preset) => [preset.name, ...(preset.aliases ?? [])]);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  for (const preset of presets) {
    for (const url of [preset.baseUrl, ...Object.values(preset.baseUrls ?? {})]) {
      const checks = new Checks();
      checkBaseUrl(checks, url.replaceAll(/\{\w+\}/g, 'x'), [], true, []);
      expect(checks.problems, preset.name).toEqual([]);
      expect(new URL(url.replaceAll(/\{\w+\}/g, 'x')).protocol, preset.name).toBe(preset.local ? 'http:' : 'https:');
    }
    expect(new Set(preset.models.map((model) => model.name)).size, preset.name).toBe(preset.models.length);
    for (const dialect of Object.keys(preset.baseUrls ?? {})) expect(preset.dialects, preset.name).toContain(dialect);
  }
});

test('the kinds of other gateways lead to a preset', () => {
  expect(['claude', 'claude-auth', 'codex', 'gemini', 'openai-compatible'].map((kind) => findPreset(kind)?.name)).toEqual(['anthropic', 'anthropic-compatible', 'openai', 'gemini', 'openai-compatible']);
});

test('every quirk of a preset changes a wire format that the preset speaks', () => {
  for (const preset of upstreamPresets()) {
    for (const name of preset.quirks ?? []) expect(quirks.find((quirk) => quirk.name === name)?.dialects.some((dialect) => preset.dialects.includes(dialect)), `${preset.name}: ${name}`).toBe(true);
  }
});

test('what the library knows is not said again by a preset, and goes before what a preset says', () => {
  const at = new Date('2026-11-21T00:00:00Z');
  const linked = upstreamPresets().filter((preset) => preset.library !== undefined);
  expect(linked.length).toBeGreaterThanOrEqual(15);
  for (const preset of linked) {
    for (const model of preset.models) if (model.input !== undefined) expect(libraryPrice(model.upstreamModel ?? model.name, at, preset.library), `${preset.name}: ${model.name}`).toBeUndefined();
  }
  const opus = bundledPrice({ name: 'anthropic', library: 'anthropic' }, { name: 'claude-opus-5-5', displayName: 'O', input: '1', output: '1' }, at);
  expect([opus?.source, opus?.price.inputNano, opus?.price.units?.['web-search']]).toEqual([librarySource(), 4_000_000_000n, 10_000_000_000_000n]);
  expect(bundledPrice({ name: 'own' }, { name: 'claude-opus-5-5', displayName: 'O', input: '1', output: '1' }, at)).toMatchObject({ source: 'preset:own', price: { inputNano: 1_000_000_000n } });
});

test('a tier of the library is a step from the token after its threshold on; a price by the hour of the day is none', () => {
  const at = new Date('2026-11-21T00:00:00Z');
  expect(libraryPrice('gemini-2.5-pro', at, 'google')?.steps?.map((step) => [step.fromTokens, step.inputNano])).toEqual([[200_001, 2_500_000_000n]]);
  expect(libraryPrice('deepseek-chat', at, 'deepseek')).toBeUndefined();
  expect(libraryPrice('nobody-makes-it', at)).toBeUndefined();
});

test('a price that is new comes with its source; one that is not known is not there', () => {
  for (const preset of upstreamPresets()) {
    if (preset.models.some((model) => model.input !== undefined) && !preset.pricesEverywhere && !preset.local) expect(preset.priceSource, preset.name).toMatch(/^https:/);
  }
  expect(ratesOf({ name: 'm', displayName: 'M' })).toBeUndefined();
});
