// Pure. Who may call which addresses. Names are checked again when they are resolved.
import { classifyAddress, classifyHost, strictest } from './address.ts';
import type { AddressClass } from './address.ts';

/** What may be called besides the public internet. */
export interface EgressRules {
  /** The operator's own loopback upstreams are allowed. */
  loopbackForOperator: boolean;
  /** `host:port` that the operator's upstreams may have though they are private. */
  allowed: readonly string[];
}

/** How far a call may reach. */
export type Reach = 'public' | 'loopback' | 'named';

/** An address that must not be called. */
export class AddressRefused extends Error {
  constructor(host: string, why: string) { super(`${host} ${why}`); this.name = 'AddressRefused'; }
}

/** How far a call to this URL may reach. Throws AddressRefused when the URL itself says that it must not be called. */
export function reachOf(url: URL, owner: 'operator' | 'tenant', rules: EgressRules): Reach {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new AddressRefused(url.protocol, 'is no way to call an upstream');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const place = `${url.hostname}:${port}`.toLowerCase();
  if (owner === 'operator' && rules.allowed.some((entry) => entry.toLowerCase() === place)) return 'named';
  const reach: Reach = owner === 'operator' && rules.loopbackForOperator ? 'loopback' : 'public';
  const known = classifyHost(url.hostname);
  if (known && !mayCall(known, reach)) throw new AddressRefused(url.host, `is a ${known} address, which may not be called`);
  return reach;
}

/** Refuses what a name resolved to; undefined when it may be called. */
export function refuseResolved(hostname: string, addresses: readonly string[], reach: Reach): AddressRefused | undefined {
  if (addresses.length === 0) return new AddressRefused(hostname, 'resolves to nothing');
  const worst = strictest(addresses.map((address) => classifyAddress(address) ?? 'private'));
  return mayCall(worst, reach) ? undefined : new AddressRefused(hostname, `resolves to a ${worst} address, which may not be called`);
}

function mayCall(address: AddressClass, reach: Reach): boolean {
  return reach === 'named' || address === 'public' || (address === 'loopback' && reach === 'loopback');
}
