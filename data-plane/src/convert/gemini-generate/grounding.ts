// Pure. What an answer is based on: the vendor tells it once, at the end, for the whole text.
import type { GeminiCandidate, GeminiGrounding } from '@fairlead/shared/wire/gemini-generate.ts';
import { isLoose, listOf, looseOf, numberOf, parseJson, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { Citation } from '../hub/citation.ts';
import type { ServerToolPart } from '../hub/conversation.ts';
import { bytesIn, unitAt } from './text-places.ts';

/** A text of an answer, and where it begins in all that was said, in UTF-16 units. */
export type Said = { readonly startsAt: number; readonly text: string };

/** The pages of a grounding. */
function pagesOf(grounding: Loose): Citation[] {
  return looseOf(grounding['groundingChunks']).map((chunk) => {
    const page = [chunk['web'], chunk['retrievedContext'], chunk['maps']].find(isLoose);
    return { url: textOf(page?.['uri']), title: textOf(page?.['title']) };
  });
}

/** The citations that fall into this piece of the whole text. */
export function citationsOf(grounding: Loose, whole: string, piece: Said): Citation[] {
  const pages = pagesOf(grounding);
  return looseOf(grounding['groundingSupports']).flatMap((support): Citation[] => {
    const segment = isLoose(support['segment']) ? support['segment'] : {};
    const from = unitAt(whole, numberOf(segment['startIndex']) ?? 0) - piece.startsAt;
    const to = unitAt(whole, numberOf(segment['endIndex']) ?? 0) - piece.startsAt;
    if (from < 0 || to <= from || to > piece.text.length) return [];
    return listOf(support['groundingChunkIndices']).flatMap((at) => (typeof at === 'number' ? (pages[at] ?? []) : [])).map((page) => ({ ...page, start: from, end: to }));
  });
}

/** The vendor's own tools that an answer tells of at its end: the search with its pages, and the pages that were read. */
export function toolsToldOf(candidate: Loose): Omit<ServerToolPart, 'kind' | 'id'>[] {
  const grounding = isLoose(candidate['groundingMetadata']) ? candidate['groundingMetadata'] : {};
  const queries = listOf(grounding['webSearchQueries']).filter((query) => typeof query === 'string');
  const read = isLoose(candidate['urlContextMetadata']) ? looseOf(candidate['urlContextMetadata']['urlMetadata']) : [];
  const urls = read.flatMap((page) => textOf(page['retrievedUrl']) ?? []);
  const came = read.flatMap((page) => (/ERROR|PAYWALL|UNSAFE/.test(textOf(page['urlRetrievalStatus']) ?? '') ? [] : (textOf(page['retrievedUrl']) ?? [])));
  const [query] = queries;
  return [
    ...(query === undefined ? [] : [{ tool: 'web-search' as const, input: JSON.stringify({ query, ...(queries.length > 1 && { queries }) }), found: pagesOf(grounding), output: undefined }]),
    ...(urls.length === 0 ? [] : [{ tool: 'web-fetch' as const, input: JSON.stringify({ url: urls[0] }), found: came.map((url): Citation => ({ url, title: undefined })), output: undefined }]),
  ];
}

/** What a writer knows of an answer when it is over. */
export type Told = { readonly tools: readonly Omit<ServerToolPart, 'kind' | 'id'>[]; readonly cited: readonly { readonly said: Said; readonly citation: Citation }[]; readonly whole: string };

/** The fields of a candidate that tell what its text is based on. */
export function groundingWords({ tools, cited, whole }: Told): Pick<GeminiCandidate, 'groundingMetadata' | 'urlContextMetadata'> {
  const searches = tools.filter(({ tool }) => tool === 'web-search');
  const pages: Citation[] = [];
  const placeOf = ({ url, title }: Citation): number => {
    const known = pages.findIndex((page) => (url === undefined ? page.title === title : page.url === url));
    if (known < 0) return pages.push({ url, title }) - 1;
    pages[known] = { url, title: pages[known]?.title ?? title };
    return known;
  };
  for (const { found } of searches) for (const page of found) placeOf(page);
  const groundingSupports = cited.map(({ said, citation }) => {
    const from = said.startsAt + (citation.start ?? 0);
    const to = said.startsAt + (citation.end ?? said.text.length);
    return { segment: { startIndex: bytesIn(whole.slice(0, from)), endIndex: bytesIn(whole.slice(0, to)), text: whole.slice(from, to) }, groundingChunkIndices: [placeOf(citation)] };
  });
  const queries = searches.flatMap(queriesIn);
  const grounding: GeminiGrounding = {
    ...(queries.length > 0 && { webSearchQueries: queries }),
    ...(pages.length > 0 && { groundingChunks: pages.map(({ url, title }) => ({ web: { ...(url !== undefined && { uri: url }), ...(title !== undefined && { title }) } })) }),
    ...(groundingSupports.length > 0 && { groundingSupports }),
  };
  const urls = tools.filter(({ tool }) => tool === 'web-fetch').flatMap(({ found }) => found.flatMap(({ url }) => url ?? []));
  return {
    ...(Object.keys(grounding).length > 0 && { groundingMetadata: grounding }),
    ...(urls.length > 0 && { urlContextMetadata: { urlMetadata: urls.map((retrievedUrl) => ({ retrievedUrl, urlRetrievalStatus: 'URL_RETRIEVAL_STATUS_SUCCESS' })) } }),
  };
}

function queriesIn({ input }: { readonly input: string }): string[] {
  const read = parseJson(input);
  if (!isLoose(read)) return [];
  const several = listOf(read['queries']).filter((query) => typeof query === 'string');
  return several.length > 0 ? several : [textOf(read['query']) ?? ''].filter((query) => query !== '');
}
