import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';

const failuresAllowed = 20;
const windowMs = 300_000;
const restMs = 600_000;
const cap = 50_000;

/** Slows down guessing: after 20 unknown keys in five minutes an address waits ten. Loopback addresses are not guarded. */
export interface GuessGuard { check(address: string): void; failed(address: string): void }

/** A guard in this node's memory. */
export function createGuessGuard(clock: Clock): GuessGuard {
  const seen = new Map<string, { failures: number; since: number; until: number }>();
  const exempt = (address: string) => address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
  return {
    check(address) {
      const entry = seen.get(networkOf(address));
      if (entry && entry.until > clock.now()) throw new Fault('key.guarded', { retryAfterMs: entry.until - clock.now() });
    },
    failed(address) {
      if (exempt(address)) return;
      const now = clock.now();
      const network = networkOf(address);
      const entry = seen.get(network);
      if (!entry || now - entry.since > windowMs) {
        if (seen.size >= cap) seen.clear();
        seen.set(network, { failures: 1, since: now, until: 0 });
      } else if (++entry.failures >= failuresAllowed) {
        entry.until = now + restMs;
        entry.failures = 0;
        entry.since = now;
      }
    },
  };
}

/** The address, or for IPv6 its first 64 bits: a single customer has all the others. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', rest] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  if (rest !== undefined) groups.push(...Array<string>(Math.max(0, 8 - groups.length - (rest === '' ? 0 : rest.split(':').length))).fill('0'), ...(rest === '' ? [] : rest.split(':')));
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
