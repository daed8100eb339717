import { loadSettings } from '../settings-file.ts';

/** Exit codes: 1 failure, 2 usage, 3 sign-in, 4 not found, 6 budget, 7 network. */
export type ExitCode = 1 | 2 | 3 | 4 | 6 | 7;

/** Something the user should read, with what to do next. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly next: string | undefined;
  constructor(message: string, exitCode: ExitCode = 1, next?: string) { super(message); this.exitCode = exitCode; this.next = next; }
}

/** An error that a mutation returned. */
export interface UserError { code: string; message: string; path: string[] | null; fix: string | null }

/** Where the control plane is: `FAIRLEAD_URL`, then the settings, then this machine. */
export function controlUrl(): string {
  const url = (process.env.FAIRLEAD_URL || loadSettings().url || 'http://127.0.0.1:4400').replace(/\/$/, '');
  if (!URL.canParse(url)) throw new CliError(`"${url}" is no URL.`, 2, 'Set FAIRLEAD_URL, for example http://127.0.0.1:4400.');
  return url;
}

/** The management token: `FAIRLEAD_TOKEN`, then the settings. */
export function managementToken(): string | undefined {
  return process.env.FAIRLEAD_TOKEN || loadSettings().token;
}

const timeoutMs = 30_000;

/** Runs one GraphQL operation; without a token only public ones answer. Throws a CliError that says what to do. */
export async function graphql<T>(query: string, variables: Record<string, unknown> = {}, options: { token?: string | undefined; cookie?: string; url?: string } = {}): Promise<{ data: T; cookie: string | undefined }> {
  const url = options.url ?? controlUrl();
  const token = 'token' in options ? options.token : managementToken();
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  if (options.cookie) Object.assign(headers, { cookie: options.cookie, 'x-fairlead-console': '1', origin: url });
  let answer: Response;
  try {
    answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new CliError(`No control plane answers at ${url}.`, 7, `Start one with "npm start", or point to yours: FAIRLEAD_URL=… (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  const body = (await answer.json().catch(() => undefined)) as { data?: T | null; errors?: { message: string; extensions?: { code?: string; missingScopes?: string[] } }[] } | undefined;
  const error = body?.errors?.[0];
  if (error?.extensions?.code === 'UNAUTHENTICATED') throw new CliError(error.message, 3, 'Sign in with: npm run -s fairlead -- login <sign-in link>');
  if (error?.extensions?.code === 'MISSING_SCOPE') throw new CliError(error.message, 3, 'Make a token with that scope in the console under Settings.');
  if (error) throw new CliError(error.message);
  if (!body?.data) throw new CliError(`${url} answered ${answer.status} and no data.`, 7);
  return { data: body.data, cookie: answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ') || undefined };
}

/** Stops at the first error that means nothing was done; a warning goes to standard error. */
export function refuseErrors(errors: readonly UserError[], done: boolean): void {
  for (const error of errors) {
    if (!done) throw new CliError(error.message, error.code === 'NOT_FOUND' ? 4 : error.code === 'POOL_EXHAUSTED' ? 6 : 1, error.fix ?? undefined);
    process.stderr.write(`Note: ${error.message}${error.fix ? ` ${error.fix}` : ''}\n`);
  }
}
