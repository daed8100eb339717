// Pure. What an upstream needs otherwise than its dialect says, in this order: its quirks, its cloud's form, repairs of what it refused.
import type { Loose } from '@fairlead/shared/wire/json.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import { applyQuirks } from '../transform/apply.ts';
import { betasOf } from './reach/betas.ts';
import { cloudBody } from './reach/cloud-body.ts';
import { repaired } from './repair.ts';
import type { RepairName } from './repair.ts';

/** The body as this candidate is sent it, with the names of what was changed; the very same one when nothing was. */
export function adjusted(json: Loose, at: { inbound: Inbound; ask: Ask; candidate: Candidate; repairs: readonly RepairName[] }): { json: Loose; edits: string[] } {
  const { inbound, ask, candidate, repairs } = at;
  const { upstream, dialect, model } = candidate;
  const quirky = applyQuirks(upstream.quirks, json, dialect);
  const cloud = cloudBody(quirky.body, { upstream, dialect, model, does: ask.does }, betasOf(inbound, candidate, dialect === ask.dialect, repairs));
  return {
    json: repairs.length === 0 ? cloud.json : repaired(cloud.json, repairs),
    edits: [...quirky.edits.map((name) => `quirk ${name}`), ...cloud.edits, ...repairs.map((name) => `repair ${name}`)],
  };
}
