// Pure.

/** The client's address: the last forwarded hop that is not one of our trusted proxies, when the connection comes from one. */
export function clientAddress(remote: string, forwardedFor: string | undefined, trusted: readonly string[]): string {
  const plain = (address: string) => address.replace(/^::ffff:/, '');
  let current = plain(remote);
  if (trusted.length === 0 || !forwardedFor) return current;
  const hops = forwardedFor.split(',').map((hop) => plain(hop.trim())).reverse();
  for (const hop of hops) {
    if (!trusted.includes(current)) break;
    current = hop;
  }
  return current;
}
