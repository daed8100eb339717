// Pure. What texts are based on, in this dialect's words.
import { isLoose, looseOf, numberOf, textOf } from '@fairlead/shared/wire/json.ts';
import type { ChatAnnotation } from '@fairlead/shared/wire/openai-chat.ts';
import type { Citation } from '../hub/citation.ts';

/** The citations among a message's annotations. */
export function citationsOf(annotations: unknown): Citation[] {
  return looseOf(annotations).flatMap((annotation): Citation[] => {
    const page = isLoose(annotation['url_citation']) ? annotation['url_citation'] : annotation['type'] === 'url_citation' ? annotation : undefined;
    if (!page) return [];
    const [start, end] = [numberOf(page['start_index']), numberOf(page['end_index'])];
    return [{ url: textOf(page['url']), title: textOf(page['title']), ...(start !== undefined && { start }), ...(end !== undefined && { end }) }];
  });
}

/** A citation of the text that stands from `from` to `to` as an annotation; one that tells no place of its own stands for all of it. */
export function annotationWord({ url, title, start, end }: Citation, from: number, to: number): ChatAnnotation {
  return { type: 'url_citation', url_citation: { url: url ?? '', title: title ?? '', start_index: from + (start ?? 0), end_index: end === undefined ? to : from + end } };
}
