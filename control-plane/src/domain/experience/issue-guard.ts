import type { Problem } from '../problem.ts';

/** Decides whether an address without a sign-in, or a member, may have an experience key now. */
export interface IssueGuard { check(address: string, loopback: boolean, nowMs: number): Problem | undefined }

const hourMs = 3_600_000;
const mostAddresses = 20_000;

/**
 * A guard that counts issues per address and hour in memory. An install that only this machine reaches asks for no
 * proof; any other demands a sign-in, because money is given away and no other proof is offered yet.
 */
export function createIssueGuard(mostPerHour = 60): IssueGuard {
  const issued = new Map<string, number[]>();
  return {
    check(address, loopback, nowMs) {
      if (!loopback) return { code: 'PROOF_REQUIRED', message: 'This install gives keys only to people who are signed in.', fix: 'Sign in, or send a management token.' };
      const recent = (issued.get(address) ?? []).filter((at) => at > nowMs - hourMs);
      if (recent.length >= mostPerHour) {
        const again = new Date((recent[0] ?? nowMs) + hourMs);
        return { code: 'RATE_LIMITED', message: `Too many keys were issued to you. Try again after ${again.toISOString()}.` };
      }
      recent.push(nowMs);
      issued.delete(address);
      issued.set(address, recent);
      for (const oldest of issued.keys()) {
        if (issued.size <= mostAddresses) break;
        issued.delete(oldest);
      }
      return undefined;
    },
  };
}
