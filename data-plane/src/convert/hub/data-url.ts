// Pure. Files that stand in an address themselves.
import { base64At, urlAt } from './bad-request.ts';
import type { Source } from './conversation.ts';

/** A data address in its pieces, or the address as it is; anything but data, http and https is refused. */
export function sourceAt(url: string, path: string): Source {
  if (!/^data:/i.test(url)) return { kind: 'url', url: urlAt(url, path) };
  const match = /^data:([^;,]*)(?:;[^,;]*)*;base64,/i.exec(url.slice(0, 300));
  if (match) return { kind: 'data', mediaType: match[1] || 'application/octet-stream', data: base64At(url.slice(match[0].length), path) };
  return { kind: 'data', mediaType: 'text/plain', data: base64At(undefined, path) };
}

/** A source as one address. */
export function urlOf(source: Exclude<Source, { kind: 'id' }>): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}
