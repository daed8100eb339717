// Pure.
import type { SnapshotCredential } from '../snapshot/snapshot.ts';
import { isEmpty } from './account.ts';
import type { HealthView } from './health-report.ts';
import { placeOf } from './seed.ts';

/** From which share of the vendor's limit the next credential is preferred, in percent, when a credential does not say. */
export const spillAtPercentDefault = 90;

/** A credential in its place, with what is to be said about it. */
export interface CredentialChoice { credential: SnapshotCredential; note?: string }

/** What ordering may use. `preferred` is the credential a session used before: its prompt cache belongs to it. */
export interface CredentialInput { health: HealthView; nowMs: number; seed: string; preferred?: string | undefined }

/** Lower priority numbers first, among equals by weight; those at their vendor's limit or with an empty account after the others, those that rest last, and never none. */
export function orderCredentials(credentials: readonly SnapshotCredential[], input: CredentialInput): CredentialChoice[] {
  const ranked = credentials.map((credential) => {
    const known = input.health.credential(credential.id);
    const rests = known?.untilMs !== undefined && known.untilMs > input.nowMs;
    const spills = !rests && known?.usedShare !== undefined && known.usedShare * 100 >= (credential.spillAtPercent ?? spillAtPercentDefault);
    const spent = !rests && !spills && isEmpty(credential.balance, input.nowMs);
    const note = spent ? 'its account is empty' : rests ? `its credential rests: ${known.why ?? 'it failed'}` : spills ? `its credential has used ${Math.round((known.usedShare ?? 0) * 100)} % of its limit` : undefined;
    const kept = credential.id === input.preferred && !rests && !spills && !spent;
    return { credential, note, tier: rests ? 2 : spills || spent ? 1 : 0, kept, place: credentials.length > 1 ? placeOf(input.seed, credential.id, credential.weight) : 0 };
  });
  if (ranked.length > 1) ranked.sort((a, b) => a.tier - b.tier || Number(b.kept) - Number(a.kept) || a.credential.priority - b.credential.priority || (a.place === b.place ? 0 : a.place - b.place));
  return ranked.map(({ credential, note }) => (note === undefined ? { credential } : { credential, note }));
}
