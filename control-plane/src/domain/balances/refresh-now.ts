import type { Credential } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { visibleCredentials } from '../upstreams/reads.ts';
import { refreshBalance } from './refresh.ts';
import { readBalanceSetting } from './sources.ts';

/** A vendor's account is asked no oftener than this, whoever wants to know. */
const pauseMs = 10_000;

/** Reads one account's balance now, out of turn. */
export async function refreshNow(domain: Domain, actor: Actor, credentialId: string, leaving: AbortSignal | undefined): Promise<Result<Credential>> {
  requireMember(actor, 'upstreams:write');
  const { client } = domain.db;
  const now = new Date(domain.clock.now());
  const refuse = (refused: Refused) => ({ ok: false, problems: refused.problems } as const);
  const credential = await client.credential.findFirst({ where: { AND: [visibleCredentials(actor), { id: credentialId }] }, include: { upstream: true } });
  if (!credential) return refuse(notFound('credential', ['credentialId']));
  if (!readBalanceSetting(credential.upstream.balance)) return refuse(new Refused({ code: 'INVALID', message: 'Nothing says how its balance is read.', path: ['credentialId'], fix: 'Choose a source with upstreamBalanceSet.' }));
  await domain.db.transaction((tx) => sql(domain.db.provider).insertIgnore(tx, 'vendor_balance', ['credential_id', 'next_at'], [[credentialId, now]]));
  const row = await client.vendorBalance.findUniqueOrThrow({ where: { credentialId } });
  if (row.triedAt && now.getTime() - row.triedAt.getTime() < pauseMs) return refuse(new Refused({ code: 'RATE_LIMITED', message: 'It was read a moment ago.', fix: 'Wait ten seconds.' }));
  await refreshBalance(domain, { ...row, credential }, leaving ?? new AbortController().signal);
  return { ok: true, value: credential, warnings: [] };
}
