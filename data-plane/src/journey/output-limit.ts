// Pure. Where a request says how long its answer may be.
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { objectOf } from '@fairlead/shared/wire/json.ts';

type Body = Readonly<Record<string, unknown>>;

// Vendors differ in which of several names they keep, so of several limits the largest counts.
const names: Record<DialectName, readonly string[]> = {
  'anthropic-messages': ['max_tokens'],
  'openai-chat': ['max_completion_tokens', 'max_tokens'],
  'openai-responses': ['max_output_tokens'],
  'gemini-generate': ['maxOutputTokens', 'max_output_tokens'],
};

/** Gemini's settings, under whichever of its two names the body uses. */
export function generationConfig(json: Body): { name: string; fields: Body } {
  for (const name of ['generationConfig', 'generation_config']) {
    const fields = objectOf(json[name]);
    if (fields) return { name, fields };
  }
  return { name: 'generationConfig', fields: {} };
}

/** The most output tokens that a body allows; undefined when it names no limit, or one that bounds nothing. */
export function readOutputLimit(dialect: DialectName, json: Body): number | undefined {
  const from = dialect === 'gemini-generate' ? generationConfig(json).fields : json;
  let most: number | undefined;
  for (const name of names[dialect]) {
    const value = from[name];
    if (value === undefined || value === null) continue;
    // What is no positive whole number is left for the upstream to refuse in its own words.
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) return undefined;
    most = Math.max(most ?? 0, value);
  }
  return most;
}

/** The changes that set every limit a body names to `cap`, or the dialect's first where it names none. */
export function withOutputLimit(dialect: DialectName, json: Body, cap: number): Record<string, unknown> {
  const config = generationConfig(json);
  const from = dialect === 'gemini-generate' ? config.fields : json;
  const named = names[dialect].filter((name) => from[name] !== undefined);
  const limits = Object.fromEntries((named.length > 0 ? named : names[dialect].slice(0, 1)).map((name) => [name, cap]));
  return dialect === 'gemini-generate' ? { [config.name]: { ...config.fields, ...limits } } : limits;
}
