import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What the CLI remembers between runs. */
export interface CliSettings { url?: string; token?: string; experienceKey?: string }

/** Where it is kept; `FAIRLEAD_CONFIG` names another file. */
export function settingsPath(env: NodeJS.ProcessEnv = process.env): string {
  return env.FAIRLEAD_CONFIG || join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'fairlead', 'settings.json');
}

/** The settings; empty when there are none. Throws when the file is not ours to read. */
export function loadSettings(path = settingsPath()): CliSettings {
  if (!existsSync(path)) return {};
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as CliSettings) : {};
  } catch {
    throw new Error(`${path} is not valid JSON. Repair or remove it.`);
  }
}

/** Keeps the settings readable by their owner only. */
export function saveSettings(settings: CliSettings, path = settingsPath()): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.tmp`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  chmodSync(`${path}.tmp`, 0o600);
  renameSync(`${path}.tmp`, path);
}

/** Forgets everything. */
export function removeSettings(path = settingsPath()): void {
  rmSync(path, { force: true });
}
