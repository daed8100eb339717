// Pure. What texts are based on, in this dialect's words.
import { looseOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { TextCitation } from '@fairlead/shared/wire/anthropic-messages.ts';
import type { Citation } from '../hub/citation.ts';

/** The citations of a text block. */
export function citationsOf(citations: unknown): Citation[] {
  return looseOf(citations).map(citationOf);
}

/** One citation. */
export function citationOf(citation: Loose): Citation {
  const quote = textOf(citation['cited_text']);
  return { url: textOf(citation['url']) ?? textOf(citation['source']), title: textOf(citation['title']) ?? textOf(citation['document_title']), ...(quote !== undefined && { quote }) };
}

/** A citation as this vendor writes it for a page that was found. */
export function citationWord({ url, title, quote }: Citation): TextCitation {
  return { type: 'web_search_result_location', url: url ?? '', title: title ?? null, cited_text: quote ?? '', encrypted_index: '' };
}
