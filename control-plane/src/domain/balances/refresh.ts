// Reads vendors' balances when they are due. Every process may do so: who moves a row's next time on has its turn.
import type { VendorBalance, Credential, Upstream } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { canonicalBytes } from '@fairlead/shared/snapshot/canonical.ts';
import { parseJson } from '@fairlead/shared/wire/json.ts';
import { describeError } from '../../log.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { headersFor, joinUrl } from '../upstreams/probe/requests.ts';
import { readUpstreamSettings } from '../upstreams/settings.ts';
import { authOf } from '../upstreams/stored.ts';
import { findBalance } from './found.ts';
import type { FoundBalance } from './found.ts';
import { planOf, readBalanceSetting } from './sources.ts';
import type { BalanceSetting } from './sources.ts';
import { toldBalance } from './state.ts';

type Due = VendorBalance & { credential: Credential & { upstream: Upstream } };

const dueMost = 100;
const atOnce = 4;
const deadlineMs = 15_000;

/** Reads the balances that are due; returns how many were tried. */
export async function refreshBalances(domain: Domain, signal: AbortSignal): Promise<number> {
  const { client } = domain.db;
  const now = new Date(domain.clock.now());
  const missing = await client.credential.findMany({ where: { status: 'ACTIVE', balance: null, upstream: { status: 'ACTIVE' } }, include: { upstream: { select: { balance: true } } } });
  const wanted = missing.filter(({ upstream }) => readBalanceSetting(upstream.balance) !== undefined);
  if (wanted.length > 0) await domain.db.transaction((tx) => sql(domain.db.provider).insertIgnore(tx, 'vendor_balance', ['credential_id', 'next_at'], wanted.map(({ id }) => [id, now])));
  const due = await client.vendorBalance.findMany({
    where: { nextAt: { lte: now }, credential: { status: 'ACTIVE', upstream: { status: 'ACTIVE' } } }, orderBy: { nextAt: 'asc' }, take: dueMost, include: { credential: { include: { upstream: true } } },
  });
  let tried = 0;
  const lines = Array.from({ length: atOnce }, async () => {
    for (let row = due.shift(); row && !signal.aborted; row = due.shift()) {
      try {
        if (await refreshBalance(domain, row, signal)) tried += 1;
      } catch (cause) {
        domain.log.warn('balances.failed', { credential: row.credentialId, ...describeError(cause) });
      }
    }
  });
  await Promise.all(lines);
  return tried;
}

/** Reads one account's balance when nobody else does; false when somebody does, or nothing says how. */
export async function refreshBalance(domain: Domain, row: Due, signal: AbortSignal): Promise<boolean> {
  const { upstream } = row.credential;
  const setting = readBalanceSetting(upstream.balance);
  const now = domain.clock.now();
  const nextAt = new Date(now + (setting?.everyMinutes ?? 60) * 60_000);
  const taken = await domain.db.client.vendorBalance.updateMany({ where: { credentialId: row.credentialId, nextAt: row.nextAt }, data: { nextAt } });
  if (taken.count !== 1 || !setting) return false;
  const found = await ask(domain, row, setting, AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]));
  const tried = new Date(now);
  const after = { ...row, triedAt: tried, ...(typeof found === 'string' ? { problem: found } : { ...found, readAt: tried, problem: null }) };
  const isNews = !sameBytes(toldBalance(row, setting, now), toldBalance(after, setting, now));
  await runCommand(domain, { kind: 'SYSTEM' }, async (command) => {
    const { left, limit, unit, resetsAt, readAt, triedAt, problem } = after;
    await command.tx.vendorBalance.updateMany({ where: { credentialId: row.credentialId }, data: { left, limit, unit, resetsAt, readAt, triedAt, problem } });
    if (isNews || staleNow(row, setting, now)) await command.mark('balance', row.credentialId);
  });
  return true;
}

/** Whether nodes hold a balance that was believed until now. */
function staleNow(row: Due, setting: BalanceSetting, now: number): boolean {
  const before = row.triedAt?.getTime() ?? now;
  return toldBalance(row, setting, before) !== undefined && toldBalance(row, setting, now) === undefined;
}

function sameBytes(a: object | undefined, b: object | undefined): boolean {
  return (a === undefined) === (b === undefined) && (a === undefined || b === undefined || Buffer.compare(canonicalBytes(a), canonicalBytes(b)) === 0);
}

/** What the vendor says; a text says why nothing. No secret is in it. */
async function ask(domain: Domain, { credential }: Due, setting: BalanceSetting, signal: AbortSignal): Promise<FoundBalance | string> {
  const { upstream } = credential;
  const plan = planOf(setting);
  const secret = await domain.keyring.openCredential({ upstreamId: upstream.id, credentialId: credential.id, version: credential.version }, credential.sealed);
  const answers: unknown[] = [];
  for (const { path } of plan.reads) {
    const url = new URL(joinUrl(upstream.baseUrl, path));
    const headers = headersFor({ auth: authOf(upstream.auth), settings: readUpstreamSettings(upstream.settings) }, url, secret.reveal());
    try {
      const { status, text } = await domain.caller.call({ url, method: 'GET', headers, owner: upstream.tenantId === null ? 'operator' : 'tenant', signal });
      if (status !== 200) return `${path} answered ${status}.`;
      answers.push(parseJson(text));
    } catch (cause) {
      return signal.aborted ? `${path} did not answer in time.` : `${path} could not be reached: ${reasonOf(cause)}`;
    }
  }
  return findBalance(plan, answers);
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return code ?? (cause instanceof Error ? cause.name : 'an unknown failure');
}
