/** Writes one line of JSON to stderr for every event; never give it a secret. */
export interface Log {
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

/** A log that writes lines of JSON with `write`. */
export function createLog(write: (line: string) => void = (line) => void process.stderr.write(line)): Log {
  const at = (level: string) => (event: string, fields: Record<string, unknown> = {}) => {
    write(`${JSON.stringify({ at: new Date().toISOString(), level, event, ...fields }, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`);
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** What may be logged of a failure: its class, first line and stack, without the properties that drivers hang on errors. */
export function describeError(cause: unknown): Record<string, unknown> {
  if (!(cause instanceof Error)) return { error: typeof cause };
  return { error: cause.name, message: cause.message.split('\n').slice(-1)[0]?.slice(0, 300), stack: cause.stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')).slice(0, 6).map((line) => line.trim()) };
}
