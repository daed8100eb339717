import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { dialectNames } from '@fairlead/shared/snapshot/snapshot.ts';

const model = z.strictObject({
  name: z.string(), displayName: z.string(), vendor: z.string().optional(), upstreamModel: z.string().optional(),
  contextTokens: z.int().positive().optional(), maxOutputTokens: z.int().positive().optional(),
  /** Dollars per million tokens, as decimal texts. */
  input: z.string(), output: z.string(), cacheRead: z.string().optional(), cacheWrite5m: z.string().optional(), cacheWrite1h: z.string().optional(),
});

const preset = z.strictObject({
  name: z.string(), displayName: z.string(), baseUrl: z.string(), dialects: z.array(z.enum(dialectNames as readonly [string, ...string[]])).min(1), auth: z.enum(['BEARER', 'X_API_KEY', 'X_GOOG_API_KEY']),
  keyHint: z.string(), docsUrl: z.string().optional(), priority: z.int().optional(), local: z.boolean().optional(),
  /** False when the upstream takes any model name; its models then only bring prices. */
  onlyThese: z.boolean(), models: z.array(model),
});

/** A vendor whose address, dialects and prices we know. */
export type UpstreamPreset = z.infer<typeof preset>;

/** One model of a preset with its list price. */
export type PresetModel = z.infer<typeof model>;

let loaded: UpstreamPreset[] | undefined;

/** Every preset, by name. Read once from the files beside the code. */
export function upstreamPresets(): UpstreamPreset[] {
  loaded ??= readPresets(path.resolve(import.meta.dirname, '../../../presets'));
  return loaded;
}

/** Reads and checks every preset of a folder. */
export function readPresets(folder: string): UpstreamPreset[] {
  return readdirSync(folder).filter((file) => file.endsWith('.json')).sort().map((file) => {
    const value: unknown = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    return preset.parse(value);
  });
}
