/** Puts values in the places of a text: fill('{a} of {b}', { a: 1, b: 2 }). */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
