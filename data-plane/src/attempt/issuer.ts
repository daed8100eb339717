// Pure.

/**
 * Whose seals an upstream makes and opens: a short digest of its host, which all accounts of a vendor share. Where
 * they cannot read each other's after all, the vendor says so, and a repair takes the seals out.
 */
export function issuerOf(baseUrl: string): string {
  const host = /^[a-z]+:\/\/([^/?#]*)/i.exec(baseUrl)?.[1]?.toLowerCase() ?? baseUrl;
  let hash = 0x811c9dc5;
  for (let at = 0; at < host.length; at++) hash = Math.imul(hash ^ host.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
