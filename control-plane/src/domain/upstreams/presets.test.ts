import { expect, test } from 'vitest';
import { usdText } from '@fairlead/shared/money/charge.ts';
import { ratesOf } from '../prices/preset-prices.ts';
import { upstreamPresets } from './presets.ts';

const listPrices: [string, string, string][] = [
  ['claude-opus-5-5', '4.00', '20.00'], ['claude-fable-5-2', '8.00', '40.00'], ['claude-sonnet-5-5', '2.00', '10.00'], ['claude-haiku-5-5', '0.10', '0.50'], ['practice-1', '1.00', '5.00'],
  ['gpt-5.5', '1.25', '10.00'], ['gpt-6', '2.00', '12.00'], ['gemini-3-pro', '0.50', '3.00'], ['gemini-3-flash-preview', '0.50', '3.00'],
];

test.each(listPrices)('%s costs %s for a million input and %s for a million output tokens, wherever it is listed', (name, input, output) => {
  const found = upstreamPresets().flatMap((preset) => preset.models.filter((model) => model.name === name));
  expect(found.length).toBeGreaterThan(0);
  for (const model of found) {
    const rates = ratesOf(model);
    if (!rates) throw new Error(`${name} has no price`);
    expect([usdText(rates.inputNano), usdText(rates.outputNano)]).toEqual([input, output]);
    expect([rates.cacheReadNano * 10n, rates.cacheWrite5mNano * 4n, rates.cacheWrite1hNano]).toEqual([rates.inputNano, rates.inputNano * 5n, rates.inputNano * 2n]);
  }
});

test('the presets are the known vendors, each once, with an address and no model twice', () => {
  const presets = upstreamPresets();
  expect(presets.map((preset) => preset.name)).toEqual(['anthropic', 'deepseek', 'gemini', 'ollama', 'openai', 'openrouter', 'practice']);
  for (const preset of presets) {
    expect(URL.canParse(preset.baseUrl), preset.name).toBe(true);
    expect(new Set(preset.models.map((model) => model.name)).size, preset.name).toBe(preset.models.length);
  }
});
