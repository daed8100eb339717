import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { abortPolicies, addressings, capabilities, dialectNames, upstreamAuths } from '@fairlead/shared/snapshot/snapshot.ts';
import { quirks } from '@fairlead/shared/transformers/descriptors.ts';
import { balanceSources } from '../balances/sources.ts';
import type { UpstreamSettings } from './settings.ts';

const price = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/);

const model = z.strictObject({
  name: z.string(), displayName: z.string(), vendor: z.string().optional(), upstreamModel: z.string().optional(),
  contextTokens: z.int().positive().optional(), maxOutputTokens: z.int().positive().optional(), lacks: z.array(z.enum(capabilities)).optional(),
  /** Dollars per million tokens, as decimal texts; both or neither: what is not known is left out, never guessed. */
  input: price.optional(), output: price.optional(), cacheRead: price.optional(), cacheWrite5m: price.optional(), cacheWrite1h: price.optional(),
}).refine((row) => (row.input === undefined) === (row.output === undefined), 'A price has both an input and an output.');

const preset = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/), displayName: z.string(),
  /** Other names under which people look for it, such as the kinds of other gateways. */
  aliases: z.array(z.string().regex(/^[a-z0-9-]+$/)).optional(),
  /** A part in braces, such as `{region}`, is the account's own and must be filled in. */
  baseUrl: z.string(), baseUrls: z.partialRecord(z.enum(dialectNames), z.string()).optional(),
  dialects: z.array(z.enum(dialectNames)).min(1), auth: z.enum(upstreamAuths), addressing: z.enum(addressings).optional(),
  quirks: z.array(z.enum(quirks.map((quirk) => quirk.name))).optional(), headers: z.record(z.string(), z.string()).optional(),
  patience: z.int().positive().max(100).optional(), onAbort: z.enum(abortPolicies).optional(), lacks: z.array(z.enum(capabilities)).optional(),
  /** How what its accounts hold is read. */
  balance: z.enum(balanceSources).exclude(['JSON']).optional(),
  /** The vendor in the library of prices: what that knows goes before the prices here. */
  library: z.string().optional(),
  keyHint: z.string(), docsUrl: z.url().optional(), priceSource: z.url().optional(), priority: z.int().optional(), local: z.boolean().optional(),
  /** False when the upstream takes any model name; its models then only bring prices. */
  onlyThese: z.boolean(), models: z.array(model),
  /** True for whoever makes these models: their list prices count wherever they are served. Otherwise prices count only for upstreams made from this preset. */
  pricesEverywhere: z.boolean().optional(),
});

/** A vendor whose address, dialects and (where they are known) prices we have. */
export type UpstreamPreset = z.infer<typeof preset>;

/** One model of a preset, with its list price where it is known. */
export type PresetModel = z.infer<typeof model>;

let loaded: UpstreamPreset[] | undefined;

/** Every preset, by name. Read once from the files beside the code. */
export function upstreamPresets(): UpstreamPreset[] {
  loaded ??= readPresets(path.resolve(import.meta.dirname, '../../../presets'));
  return loaded;
}

/** The preset with this name or alias. */
export function findPreset(name: string): UpstreamPreset | undefined {
  return upstreamPresets().find((known) => known.name === name) ?? upstreamPresets().find((known) => known.aliases?.includes(name));
}

/** What a preset says of an upstream besides its address and models; its other addresses count only beside its own. */
export function settingsOfPreset(preset: UpstreamPreset, baseUrl: string): UpstreamSettings {
  const { baseUrls, addressing, quirks: names, headers, patience, onAbort, lacks } = preset;
  return {
    ...(baseUrls && baseUrl === preset.baseUrl ? { baseUrls: plain(baseUrls) } : {}),
    ...(addressing ? { addressing } : {}), ...(names ? { quirks: names } : {}), ...(headers ? { headers } : {}),
    ...(patience === undefined ? {} : { patience }), ...(onAbort ? { onAbort } : {}), ...(lacks ? { lacks } : {}),
  };
}

/** Reads and checks every preset of a folder. */
export function readPresets(folder: string): UpstreamPreset[] {
  return readdirSync(folder).filter((file) => file.endsWith('.json')).sort().map((file) => {
    const value: unknown = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    return preset.parse(value);
  });
}

function plain(urls: NonNullable<UpstreamPreset['baseUrls']>): NonNullable<UpstreamSettings['baseUrls']> {
  const found: NonNullable<UpstreamSettings['baseUrls']> = {};
  for (const dialect of dialectNames) {
    const url = urls[dialect];
    if (url !== undefined) found[dialect] = url;
  }
  return found;
}
