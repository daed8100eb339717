// Pure. Images and files as this dialect's parts.
import type { GeminiPart } from '@fairlead/shared/wire/gemini-generate.ts';
import type { FilePart, ImagePart, Source } from '../hub/conversation.ts';
import type { LossList } from '../hub/loss.ts';
import { isFilm, isOfStore } from './read-media.ts';

/** Texts that the vendor knows by another name, or reads as plain ones. */
const TEXTS: ReadonlySet<string> = new Set(['application/json', 'application/xml', 'application/x-yaml', 'application/yaml', 'application/javascript', 'application/x-javascript', 'application/typescript', 'application/x-sh', 'application/sql', 'application/toml']);

/** The part of an image or a file; where the vendor cannot fetch it, its address is told as text. */
export function mediaPart(part: ImagePart | FilePart, losses: LossList): GeminiPart[] {
  const { source } = part;
  switch (source.kind) {
    case 'id':
      losses.add('file: of another store');
      return [];
    case 'url':
      return [fetched(part, source, losses)];
    case 'data': {
      const mimeType = mimeOf(source.mediaType);
      if (mimeType !== undefined) return [{ inlineData: { mimeType, data: source.data } }];
      losses.add('file: this kind');
      return [];
    }
  }
}

function fetched(part: ImagePart | FilePart, source: Extract<Source, { kind: 'url' }>, losses: LossList): GeminiPart {
  if (isOfStore(source.url) || isFilm(source.url)) return { fileData: { ...(source.mediaType !== undefined && { mimeType: source.mediaType }), fileUri: source.url } };
  losses.add(part.kind === 'image' ? 'image: by address' : 'file: by address');
  return { text: part.kind === 'image' ? `(The image is at ${source.url})` : `(${part.name === undefined ? 'A file' : `The file ${part.name}`} is at ${source.url})` };
}

/** The type that the vendor takes for a file of this one. */
function mimeOf(mediaType: string): string | undefined {
  const [type = ''] = mediaType.toLowerCase().split(';', 1);
  if (/^(?:image|audio|video)\//.test(type)) return type === 'audio/x-wav' || type === 'audio/wave' ? 'audio/wav' : type === 'image/jpg' ? 'image/jpeg' : type;
  if (type === 'application/pdf') return type;
  return type.startsWith('text/') ? type : TEXTS.has(type) ? 'text/plain' : undefined;
}

/** Whether the vendor takes a part within what a function gave back; it is more choosy there. */
export function fitsInResult({ inlineData }: GeminiPart): boolean {
  return inlineData !== undefined && /^(?:image\/(?:png|jpeg|webp)|application\/pdf|text\/plain)$/.test(inlineData.mimeType);
}
