// Pure. What texts are based on, in this dialect's words.
import { looseOf, numberOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { ResponsesAnnotation } from '@fairlead/shared/wire/openai-responses.ts';
import type { Citation } from '../hub/citation.ts';
import type { LossList } from '../hub/loss.ts';

/** The citations among a text's annotations; files in the vendor's own store are known by their names. */
export function citationsOf(annotations: unknown): Citation[] {
  return looseOf(annotations).flatMap((annotation) => citationOf(annotation) ?? []);
}

/** The citation that an annotation is; undefined for one that only points to a path. */
export function citationOf(annotation: Loose): Citation | undefined {
  switch (annotation['type']) {
    case 'url_citation': {
      const [start, end] = [numberOf(annotation['start_index']), numberOf(annotation['end_index'])];
      return { url: textOf(annotation['url']), title: textOf(annotation['title']), ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
    }
    case 'file_citation':
    case 'container_file_citation':
      return { url: undefined, title: textOf(annotation['filename']) };
    default:
      return undefined;
  }
}

/** A citation as an annotation; one that tells no place stands for the whole text so far, and one without an address has no words here. */
export function annotationWord({ url, title, start, end }: Citation, textLength: number, losses: LossList): ResponsesAnnotation | undefined {
  if (url !== undefined && url !== '') return { type: 'url_citation', url, title: title ?? '', start_index: start ?? 0, end_index: end ?? textLength };
  losses.add('citation');
  return undefined;
}
