// Sessions stay where their prompt cache is. A binding only nominates: planning still filters and may overrule.
import { createHash } from 'node:crypto';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Surveyed } from '../../journey/ask.ts';
import type { Candidate, MadePlan } from '../../journey/candidate.ts';
import type { Inbound } from '../../journey/inbound.ts';
import type { Principal } from '../../journey/principal.ts';
import type { RoutingTable } from '../../snapshot/table.ts';
import type { Bindings, KeptBinding } from '../../stores/stores.ts';
import { fingerprintsOf } from './fingerprint.ts';

/** What is known of a request's session: its names and where it was served. Handed back when the request has been served. */
export interface Nomination { readonly names: readonly string[]; readonly binding: KeptBinding | undefined; readonly atMs: number }

interface Asking { ask: Surveyed; principal: Principal; inbound: Pick<Inbound, 'json'>; table: Pick<RoutingTable, 'upstreams'> }

/** The memory of sessions. */
export interface Sessions {
  /** Where the session of a request was last served. Never fails: without memory there is no binding. */
  find(at: Asking): Nomination | Promise<Nomination>;
  /** Remembers where a request was served, once it was served whole. */
  bound(nomination: Nomination, plan: Pick<MadePlan, 'sticky'>, served: Candidate, reading: Reading | undefined): Promise<void>;
}

/** Sessions remembered in `bindings`. */
export function createSessions(bindings: Bindings, clock: Clock): Sessions {
  const look = async (names: readonly string[], atMs: number) => {
    try { return await bindings.find(names, atMs); } catch { return undefined; }
  };
  const nominate = async ({ ask, principal, inbound }: Asking, atMs: number): Promise<Nomination> => {
    // Another model has another cache. The tenant is part of every name, so that no other can meet it.
    const scope = `${principal.tenant}|${ask.wants ?? ask.model}`;
    const own = ask.thread === undefined ? [] : [`{${principal.tenant}}:${digest(`${scope}|${ask.thread}`)}`];
    const known = await look(own, atMs);
    if (known) return { names: own, binding: known, atMs };
    // No id, or a new one: a session that was resumed or forked is known by how it begins.
    const beginnings = fingerprintsOf(scope, ask.dialect, inbound.json).map((print) => `{${principal.tenant}}:${print}`);
    return { names: [...own, ...beginnings], binding: await look(beginnings, atMs), atMs };
  };
  return {
    find(at) {
      const atMs = clock.now();
      return at.ask.does === 'generate' && mayChoose(at.table, at.principal.tenant) ? nominate(at, atMs) : { names: [], binding: undefined, atMs };
    },
    async bound(nomination, { sticky }, served, reading) {
      if (nomination.names.length === 0 || sticky.seconds === 0) return;
      const nowMs = clock.now();
      const before = nomination.binding && nomination.atMs - nomination.binding.lastUsedMs <= sticky.seconds * 1000 ? nomination.binding : undefined;
      const from = fromOf(before, served.upstream.id, sticky.home);
      const seen = nomination.binding?.generation ?? 0;
      const cacheTokens = reading ? reading.cacheRead + reading.cacheWrite5m + reading.cacheWrite1h : 0;
      const binding: KeptBinding = { upstream: served.upstream.id, model: served.model, credential: served.credential.id, lastUsedMs: nowMs, cacheTokens, generation: seen + 1, ...(from === undefined ? {} : { from }) };
      await bindings.keep(nomination.names, binding, seen, sticky.seconds * 1000, nowMs).catch(() => 0);
    },
  };
}

/** Where a session is away from: kept while it stays away, gone once it is back. */
function fromOf(before: KeptBinding | undefined, upstream: string, home: string | undefined): string | undefined {
  const from = before === undefined ? home : before.upstream === upstream ? before.from : (before.from ?? before.upstream);
  return from === upstream ? undefined : from;
}

/** With one upstream there is nothing to nominate. */
function mayChoose({ upstreams }: Pick<RoutingTable, 'upstreams'>, tenant: string): boolean {
  let count = 0;
  for (const upstream of upstreams) if (upstream.status === 'ACTIVE' && (upstream.tenant === undefined || upstream.tenant === tenant)) count += 1;
  return count > 1;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 27);
}
