// Pure. Applies the named adjustments of an upstream to a request in the upstream's own wire format.
import { quirks } from '@fairlead/shared/transformers/descriptors.ts';
import type { QuirkName } from '@fairlead/shared/transformers/descriptors.ts';
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { anthropicQuirks } from './anthropic.ts';
import type { Body, Quirk } from './body.ts';
import { generalQuirks } from './general.ts';
import { openAiQuirks } from './openai.ts';

/** What each adjustment does. It answers with the very same body when there is nothing to change. */
const does: Record<QuirkName, Quirk> = { ...openAiQuirks, ...anthropicQuirks, ...generalQuirks };

/** The body after these adjustments, in order, and the names of those that changed something. The body that came is never altered; unknown names and those of other wire formats do nothing. */
export function applyQuirks(names: readonly string[] | undefined, body: Body, dialect: DialectName): { body: Body; edits: string[] } {
  const edits: string[] = [];
  let now = body;
  for (const name of names ?? []) {
    const quirk = quirks.find((known) => known.name === name);
    if (!quirk || !quirk.dialects.some((known) => known === dialect)) continue;
    const after = does[quirk.name](now, dialect);
    if (after === now) continue;
    now = after;
    edits.push(quirk.name);
  }
  return { body: now, edits };
}
