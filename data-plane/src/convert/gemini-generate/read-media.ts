// Pure. Images and files of a request.
import { textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, base64At, textAt } from '../hub/bad-request.ts';
import type { FilePart, ImagePart, Source } from '../hub/conversation.ts';
import { fieldOf } from './field-of.ts';

/** A file that stands in the body itself. */
export function blobOf(blob: Loose, path: string): ImagePart | FilePart {
  const mediaType = textAt(fieldOf(blob, 'mimeType'), `${path}.mimeType`);
  return mediaOf({ kind: 'data', mediaType, data: plainBase64(base64At(blob['data'], `${path}.data`)) }, mediaType, textOf(fieldOf(blob, 'displayName')));
}

/** Google's SDK for Python writes bytes in the alphabet for addresses, which other vendors refuse. */
function plainBase64(data: string): string {
  const plain = data.includes('-') || data.includes('_') ? data.replace(/-/g, '+').replace(/_/g, '/') : data;
  return plain.length % 4 === 0 ? plain : plain.padEnd(plain.length + 4 - (plain.length % 4), '=');
}

/** A file by its address. What lies in Google's own stores nobody else can fetch. */
export function fileOf(file: Loose, path: string): ImagePart | FilePart {
  const uri = textAt(fieldOf(file, 'fileUri'), `${path}.fileUri`);
  const mediaType = textOf(fieldOf(file, 'mimeType'));
  const name = textOf(fieldOf(file, 'displayName'));
  if (isOfStore(uri)) return mediaOf({ kind: 'id', id: uri }, mediaType, name);
  if (!/^https?:\/\/[^\s/]/i.test(uri)) throw new BadRequest(`${path}.fileUri`, 'must be an http, https or gs address');
  return mediaOf({ kind: 'url', url: uri, ...(mediaType !== undefined && { mediaType }) }, mediaType, name);
}

/** Whether an address is one that only this vendor can fetch. */
export function isOfStore(uri: string): boolean {
  return /^gs:\/\//i.test(uri) || /^files\//.test(uri) || /^https:\/\/generativelanguage\.googleapis\.com\//i.test(uri);
}

/** Whether an address is that of a film which this vendor fetches by itself. */
export function isFilm(uri: string): boolean {
  return /^https?:\/\/(?:www\.|m\.)?(?:youtube\.com|youtu\.be)\//i.test(uri);
}

function mediaOf(source: Source, mediaType: string | undefined, name: string | undefined): ImagePart | FilePart {
  return mediaType?.startsWith('image/') ? { kind: 'image', source } : { kind: 'file', source, name };
}
