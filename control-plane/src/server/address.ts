import { BlockList, isIP } from 'node:net';

/** Finds the address a request is from: the connection's, or what trusted proxies say stands before them. */
export function createAddressReader(trustedProxies: readonly string[]): (connection: string | undefined, forwardedFor: string | undefined) => string {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (connection, forwardedFor) => {
    let address = plain(connection ?? 'unknown');
    // Read from the right: only what a trusted proxy wrote is believed.
    const hops = (forwardedFor ?? '').split(',').map((part) => plain(part.trim())).filter((part) => part !== '');
    while (isTrusted(address)) {
      const next = hops.pop();
      if (next === undefined || isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

const plain = (address: string) => (address.startsWith('::ffff:') ? address.slice(7) : address);
