// Pure. Finds the presented credential in whichever of the usual places it stands, and keeps only its digest.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The SHA-256 digests, in hex, of all that was presented; several places may hold one at once. */
export function presentedDigests(headers: IncomingHttpHeaders, url: URL): string[] {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
  const found = [bearer, single(headers['x-api-key']), single(headers['x-goog-api-key']), url.searchParams.get('key') ?? undefined];
  return [...new Set(found.filter((secret) => secret !== undefined && secret !== ''))].map((secret) => createHash('sha256').update(String(secret)).digest('hex'));
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
