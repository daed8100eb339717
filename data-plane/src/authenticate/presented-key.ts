// Pure.
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { keyPrefixes, looksOurs, readKey } from '@fairlead/shared/keys/key-text.ts';

const plainBearer = `Bearer ${keyPrefixes.key}`;

/** What nearly every client presents: a text with our prefix as its bearer's, which is taken before any other. Whether it is a key at all is not looked at. */
export function plainKey(headers: ReadonlyMap<string, string>): string | undefined {
  const authorization = headers.get('authorization');
  return authorization?.startsWith(plainBearer) ? authorization.slice(7) : undefined;
}

/** The key text a client presents: of several secrets the one with our prefix counts. Throws a key.* Fault. */
export function presentedKey(headers: ReadonlyMap<string, string>, query: URLSearchParams): string {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  const presented = [bearer, headers.get('x-api-key'), headers.get('x-goog-api-key'), query.get('key') ?? undefined].filter((text): text is string => text !== undefined && text !== '');
  if (presented.length === 0) throw new Fault('key.missing');
  const ours = presented.filter((text) => looksOurs(text));
  const text = ours.find((candidate) => candidate.startsWith(keyPrefixes.key)) ?? ours[0] ?? presented[0] ?? '';
  if (!looksOurs(text)) throw new Fault('key.unknown', { detail: 'a foreign secret', hint: 'A Fairlead key begins with flk_.' });
  if (!text.startsWith(keyPrefixes.key)) throw new Fault('key.wrong-kind');
  if (!readKey(text)) throw new Fault('key.malformed');
  return text;
}
