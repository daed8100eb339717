import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** SHA-256 of a text in lower-case hexadecimal: all that is kept of secrets we hand out. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A random text of URL-safe characters with at least 6 bits each. */
export function randomText(sizeBytes: number): string {
  return randomBytes(sizeBytes).toString('base64url');
}

/** Compares two texts in a time that does not tell where they differ. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
