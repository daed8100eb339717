// Limits between a form, where they are texts, and the API, where none is null.

/** A limit as it is typed; empty = none. */
export function countText(count: number | null | undefined): string {
  return count ? String(count) : '';
}

/** What was typed as a number; null = no limit. */
export function countOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text.trim());
}

/** Names separated by commas or spaces; null = all. */
export function namesOf(text: string): string[] | null {
  const names = text.split(/[\s,]+/).filter((part) => part !== '');
  return names.length === 0 ? null : names;
}
