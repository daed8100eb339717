// Pure. Lines to paste into a shell.

/** A word as a shell reads it. */
export function quoted(text: string): string {
  return /^[\w.:/@%+=,$-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** One line that starts Claude Code with these variables. */
export function claudeLine(env: readonly { name: string; value: string }[]): string {
  return `${env.map(({ name, value }) => `${name}=${quoted(value)}`).join(' ')} claude`;
}

/** Lines that set these variables for a shell. */
export function exportLines(env: readonly { name: string; value: string }[]): string {
  return env.map(({ name, value }) => `export ${name}=${quoted(value)}`).join('\n');
}

/** One line that asks a node with curl. */
export function curlLine(nodeUrl: string, secret: string, model: string): string {
  const body = JSON.stringify({ model, max_tokens: 64, messages: [{ role: 'user', content: 'Say hello' }] });
  return `curl ${nodeUrl}/v1/messages -H "authorization: Bearer ${secret}" -H 'content-type: application/json' -d '${body}'`;
}
