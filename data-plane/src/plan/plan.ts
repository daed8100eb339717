import { reservationOf } from '@fairlead/shared/money/charge.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { planChoices } from '@fairlead/shared/plan/plan.ts';
import type { DialectName, SnapshotCredential, SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate, Plan } from '../journey/candidate.ts';
import type { Principal } from '../journey/principal.ts';
import type { RoutingTable } from '../snapshot/table.ts';

/** What planning may use besides the request and the table. */
export interface PlanParts {
  canConvert: (from: DialectName, to: DialectName) => boolean;
  /** Why an upstream should not be called now; undefined when it is well. */
  resting: (upstream: SnapshotUpstream) => string | undefined;
  roll: () => number;
}

/** What a model may say at most when nobody knows: enough for every model of today. */
const outputCapDefault = 32_000;
/** Bytes that an upstream may count beyond the body we were sent: rendering of roles, tools and our own edits. */
const renderingBytes = 1_024;
/** The window of a model of which nobody says how large it is. */
const windowDefault = 1_000_000;

/** Where it may go, the best first. Throws `model.unknown` or `route.no-candidate`. */
export function planFor(at: { principal: Principal; ask: Ask; table: RoutingTable }, parts: PlanParts): Plan {
  const { ask, table, principal } = at;
  const plan = planChoices({
    ask: { model: ask.model, dialect: ask.dialect, sameDialectOnly: ask.does !== 'generate' },
    tenant: principal.tenant,
    routes: table.routes,
    upstreams: table.upstreams,
    ...parts,
  });
  const candidates: Candidate[] = [];
  for (const choice of plan.choices) {
    const price = table.priceOf(choice.model, choice.upstream.id);
    if (principal.key.leased && ask.metered && !price) {
      plan.leftOut.push({ upstream: choice.upstream, reason: `${choice.model} has no price, so a budget cannot cover it` });
      continue;
    }
    const model = table.models.get(choice.model.toLowerCase());
    const outputCap = Math.min(ask.maxOutputTokens ?? model?.maxOutputTokens ?? outputCapDefault, principal.key.maxOutputTokens ?? Infinity, model?.maxOutputTokens ?? Infinity);
    // What is fetched by the vendor can fill the whole window, whatever the body's size.
    const inputMost = ask.inputBytes + renderingBytes + (ask.reachesBeyond ? (model?.contextTokens ?? windowDefault) : 0);
    const reserveNano = price && ask.metered ? reservationOf(inputMost, outputCap * ask.answers, price, ask.writesCache) : 0n;
    for (const credential of credentialsOf(choice.upstream.credentials, parts.roll)) candidates.push({ ...choice, credential, price, outputCap, reserveNano, bounded: principal.key.leased || principal.key.maxOutputTokens !== undefined });
  }
  if (candidates.length > 0) return { route: plan.route?.name, candidates, leftOut: plan.leftOut };
  const serving = plan.leftOut.filter((left) => !left.reason.startsWith('does not serve'));
  const detail = plan.leftOut.map((left) => `${left.upstream.name}: ${left.reason}`).join('; ').slice(0, 400);
  if (ask.does === 'count' && serving.length > 0) throw new Fault('count.unsupported', { detail });
  if (serving.length > 0) throw new Fault('route.no-candidate', { detail });
  throw new Fault('model.unknown', { detail, hint: `Asked for "${ask.model.slice(0, 80)}"; GET /v1/models lists what there is.` });
}

/** Lower priority numbers first; among equals by weight. */
function credentialsOf(credentials: readonly SnapshotCredential[], roll: () => number): SnapshotCredential[] {
  if (credentials.length < 2) return [...credentials];
  return credentials
    .map((credential) => ({ credential, draw: Math.pow(Math.max(roll(), Number.MIN_VALUE), 1 / Math.max(credential.weight, 1e-9)) }))
    .sort((a, b) => a.credential.priority - b.credential.priority || b.draw - a.draw)
    .map(({ credential }) => credential);
}
