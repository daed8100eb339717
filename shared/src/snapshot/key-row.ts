// Pure. A key as it travels, and what it becomes together with the lists: a quota of a tenant or a paused pool changes no key's bytes.
import { quotaUnits } from '../lease/purse.ts';
import type { QuotaUnit } from '../lease/purse.ts';
import type { FundingKind, Paces, SnapshotKey, SnapshotLists } from './snapshot.ts';

/** What many keys have in common. */
export interface KeyProfile extends Paces {
  status: 'ACTIVE' | 'PAUSED' | 'REVOKED';
  funding: FundingKind;
  campaign?: string;
  /** Only of a key that a pool pays for. */
  pool?: string;
  models?: string[];
  maxOutputTokens?: number;
  sessions?: number;
  clients?: string[];
  tags?: string[];
  replay?: true;
  /** Units in which quotas of its own bind it. `goesOn` as for a SnapshotPurse. */
  quotas?: { unit: QuotaUnit; goesOn?: true }[];
}

/** Whose a key is. */
export interface KeyOwner { tenant: string; member?: string }

/** A key as it travels. Times are epoch ms. */
export interface KeyRow {
  id: string;
  /** SHA-256 of the whole key text, 64 hexadecimal digits. */
  digest: string;
  owner: KeyOwner;
  profile: KeyProfile;
  expiresAt?: number;
  name?: string;
}

/** Whose limits bind a key beside its own: those of everything above it. */
export function subjectsAbove(owner: KeyOwner, profile: { funding: string; campaign?: string; pool?: string }): { kind: 'TENANT' | 'MEMBER' | 'CAMPAIGN' | 'POOL' | 'WALLET'; id: string }[] {
  const subjects: ReturnType<typeof subjectsAbove> = [{ kind: 'TENANT', id: owner.tenant }];
  if (owner.member !== undefined) subjects.push({ kind: 'MEMBER', id: owner.member });
  // A campaign pays from its pool: a key that pays by itself now is not bound by where it came from.
  if (profile.funding === 'POOL') {
    if (profile.campaign !== undefined) subjects.push({ kind: 'CAMPAIGN', id: profile.campaign });
    if (profile.pool !== undefined) subjects.push({ kind: 'POOL', id: profile.pool });
  }
  if (profile.funding === 'WALLET') subjects.push({ kind: 'WALLET', id: owner.tenant });
  return subjects;
}

/** Whether a key spends its owner's own money; sponsored money never goes on uncovered. */
export function isOwnMoney(key: { funding: string }): boolean {
  return key.funding === 'TENANT_BUDGET' || key.funding === 'OWN_PROVIDER';
}

/** What of the lists decides how keys stand. */
export interface Standing { bound: ReadonlyMap<string, { goesOn: boolean }>; pausedPools: ReadonlySet<string> }

/** Compiles what decides how keys stand. */
export function compileStanding(lists: Pick<SnapshotLists, 'purses' | 'pools'>): Standing {
  return {
    bound: new Map(lists.purses.map((purse) => [`${purse.kind}:${purse.id}:${purse.unit}`, { goesOn: purse.goesOn === true }])),
    pausedPools: new Set(lists.pools.map(({ id }) => id)),
  };
}

/** The key as it is served. */
export function standingKey(row: Omit<KeyRow, 'digest'>, { bound, pausedPools }: Standing): SnapshotKey {
  const { quotas, status, ...profile } = row.profile;
  const above = bound.size > 0 ? subjectsAbove(row.owner, profile) : [];
  const units: QuotaUnit[] = [];
  const goesOn: QuotaUnit[] = [];
  for (const unit of quotaUnits) {
    const own = quotas?.find((quota) => quota.unit === unit);
    let binds = own !== undefined;
    let goes = own === undefined || own.goesOn === true;
    for (const { kind, id } of above) {
      const known = bound.get(`${kind}:${id}:${unit}`);
      if (known === undefined) continue;
      binds = true;
      goes &&= known.goesOn;
    }
    if (!binds) continue;
    units.push(unit);
    if (goes) goesOn.push(unit);
  }
  const purses = units.filter((unit) => unit !== 'USD');
  return {
    id: row.id, tenant: row.owner.tenant, ...profile,
    status: status === 'ACTIVE' && profile.pool !== undefined && pausedPools.has(profile.pool) ? 'PAUSED' : status,
    ...(row.expiresAt === undefined ? {} : { expiresAt: row.expiresAt }),
    ...(row.name === undefined ? {} : { name: row.name }),
    leased: profile.funding === 'WALLET' || units.includes('USD'),
    ...(purses.length === 0 ? {} : { purses }),
    ...(goesOn.length === 0 || !isOwnMoney(profile) ? {} : { goesOn }),
  };
}
