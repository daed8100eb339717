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

/** A citation as an annotation; one that tells no place stands for the whole text so far. */
export function annotationWord({ url, title, start, end }: Citation, textLength: number): ChatAnnotation {
  return { type: 'url_citation', url_citation: { url: url ?? '', title: title ?? '', start_index: start ?? 0, end_index: end ?? textLength } };
}
