import { BlockList, isIP } from 'node:net';

/** Tells the client's address from the connection's and what forwarded the request. */
export type AddressReader = (remote: string, forwardedFor: string | undefined) => string;

/** A reader that believes only these proxies: addresses, or ranges such as `10.0.0.0/8`. Throws a TypeError for anything else. */
export function createAddressReader(trustedProxies: readonly string[]): AddressReader {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) throw new TypeError(`FAIRLEAD_TRUSTED_PROXIES: "${entry}" is neither an address nor a range such as 10.0.0.0/8`);
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (remote, forwardedFor) => {
    let address = plain(remote);
    if (trustedProxies.length === 0 || forwardedFor === undefined) return address;
    // Read from the right: each hop was written by the one that stands before it.
    const hops = forwardedFor.split(',').map((hop) => plain(hop.trim()));
    while (isTrusted(address)) {
      const next = hops.pop();
      if (next === undefined || isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
