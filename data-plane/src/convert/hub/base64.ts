// Pure. Base64 of text.

/** UTF-8 in base64, without a break. */
export function base64OfText(text: string): string {
  let raw = '';
  for (const byte of new TextEncoder().encode(text)) raw += String.fromCharCode(byte);
  return btoa(raw);
}

/** The UTF-8 text in base64 of either alphabet (Google's SDK for Python writes the one for addresses); undefined where it is none. */
export function textOfBase64(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(atob(base64.replace(/-/g, '+').replace(/_/g, '/'))));
  } catch {
    return undefined;
  }
}

/** Character by character: an iterator takes ten times as long, and a conversation may carry hundreds of seals. */
function bytesOf(raw: string): Uint8Array {
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
  return bytes;
}
