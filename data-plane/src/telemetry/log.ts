import { maskSecrets } from './redact.ts';

/** How loud a line is. ERROR: a human must act now. WARN: it healed. INFO: it changed. DEBUG: the rest. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Writes one JSON line per event; never a secret, never a body. */
export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

/** What a line may say. */
export type Fields = Record<string, string | number | boolean | null | undefined>;

const levels: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** A log from this level on; `write` gets whole lines. */
export function createLog(level: Level, write: (line: string) => void = (line) => void process.stderr.write(line), now: () => number = Date.now): Log {
  const lowest = levels.indexOf(level);
  const at = (name: Level) => (event: string, fields: Fields = {}) => {
    if (levels.indexOf(name) < lowest) return;
    const line: Fields = { time: new Date(now()).toISOString(), level: name, event };
    for (const [key, value] of Object.entries(fields)) line[key] = typeof value === 'string' ? maskSecrets(value) : value;
    write(`${JSON.stringify(line)}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** The public text of anything thrown, with its causes, for a log line. */
export function errorText(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error, depth = 0; at !== undefined && at !== null && depth < 4; depth++) {
    parts.push(at instanceof Error ? `${at.name}: ${at.message}` : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return parts.join(' ← ').slice(0, 500);
}
