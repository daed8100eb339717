// Options for limits, of keys and of tenants.
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { table } from '../../output/table.ts';

const none = 'none';

/** A limit as it was typed. */
type Count = number | typeof none;

/** The paces that keys and tenants have alike. */
export interface PaceOptions { model?: string[]; rpm?: Count; tpm?: Count; concurrent?: Count }

/** The limits of a key. */
export interface LimitOptions extends PaceOptions { sessions?: Count; client?: string[] }

/** Adds the options of paces and models. */
export function addPaces(command: Command): Command {
  return command
    .option('--model <name...>', 'models that may be asked for (with *)').option('--rpm <n>', 'requests a minute', countOf)
    .option('--tpm <n>', 'tokens a minute', countOf).option('--concurrent <n>', 'requests at once', countOf);
}

/** Adds the options of a key's limits. */
export function addLimits(command: Command): Command {
  return addPaces(command).option('--sessions <n>', 'sessions at once', countOf).option('--client <name...>', 'clients it may be used with, such as claude-code, codex, gemini-cli, *-sdk');
}

/** What was typed of paces, as the API takes it. */
export function pacesOf(options: PaceOptions): Record<string, unknown> {
  return given({ models: listOf(options.model), requestsPerMinute: limitOf(options.rpm), tokensPerMinute: limitOf(options.tpm), concurrent: limitOf(options.concurrent) });
}

/** What was typed of a key's limits, as the API takes it. */
export function limitsOf(options: LimitOptions): Record<string, unknown> {
  return { ...pacesOf(options), ...given({ sessions: limitOf(options.sessions), clients: listOf(options.client) }) };
}

/** Limits for people to read. */
export function shownLimits(row: Record<string, unknown>): string {
  return table(['LIMIT', 'VALUE'], Object.entries(row).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : typeof value === 'string' || typeof value === 'number' ? String(value) : 'none']));
}

function countOf(text: string): Count {
  if (text === none) return none; // commander has a meaning of its own for null
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`It must be a whole number, or "${none}".`);
  return Number(text);
}

function limitOf(count: Count | undefined): number | null | undefined {
  return count === none ? null : count;
}

function listOf(names: string[] | undefined): string[] | null | undefined {
  return names?.length === 1 && names[0] === none ? null : names;
}

function given(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
