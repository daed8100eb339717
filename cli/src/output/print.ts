/** Data goes to standard output: as JSON when asked for, else as text. */
export function print(data: unknown, asText: () => string, json: boolean | undefined): void {
  process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : `${asText()}\n`);
}

/** Talk goes to standard error, so that data can be piped. */
export function talk(text: string): void {
  process.stderr.write(`${text}\n`);
}
