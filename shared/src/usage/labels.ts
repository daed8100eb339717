// Pure. What a request is for, as its client says it or as its key says it for all of its requests.

/** What charges are told apart by that a client may say. */
export const labelNames = ['repo', 'branch', 'ticket'] as const;

/** One of them. */
export type LabelName = (typeof labelNames)[number];

/** Those that are known; each a short printable text. */
export type Labels = { readonly [Name in LabelName]?: string | undefined };

/** How long one may be, in UTF-16 units. */
export const labelMost = 100;

/** The labels among a key's tags, such as `repo:harbour`; of several of one name the first counts. */
export function labelsInTags(tags: readonly string[]): Labels {
  const found: { -readonly [Name in LabelName]?: string } = {};
  for (const tag of tags) {
    const name = labelNames.find((known) => tag.startsWith(`${known}:`));
    const value = name && tag.slice(name.length + 1);
    if (name && value) found[name] ??= value;
  }
  return found;
}
