// Pure. What a person types to use a key.

/** One environment variable. */
export interface EnvVar { name: string; value: string }

/** The model of keys that others pay for: the default of a client may be the dearest there is. */
const thriftyModel = 'claude-haiku-5-5';

/** The variables with which Claude Code uses this key; `thrifty` fixes every model choice to a cheap one. */
export function keyEnv(nodeUrl: string, secret: string, thrifty: boolean): EnvVar[] {
  const env: EnvVar[] = [{ name: 'ANTHROPIC_BASE_URL', value: nodeUrl }, { name: 'ANTHROPIC_AUTH_TOKEN', value: secret }];
  if (thrifty) {
    env.push({ name: 'ANTHROPIC_MODEL', value: thriftyModel });
    for (const family of ['OPUS', 'SONNET', 'HAIKU', 'FABLE']) env.push({ name: `ANTHROPIC_DEFAULT_${family}_MODEL`, value: thriftyModel });
  }
  env.push({ name: 'CLAUDE_CODE_GATEWAY_HINT_HEADERS', value: '1' });
  return env;
}

/** One shell line that starts Claude Code with these variables. */
export function keyCommand(env: readonly EnvVar[]): string {
  return `${env.map(({ name, value }) => `${name}=${/^[\w.:/@%+=,-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`}`).join(' ')} claude`;
}
