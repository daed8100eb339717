// Pure. The combination of everything charges are told apart by.
import { createHash } from 'node:crypto';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { labelsInTags } from '@fairlead/shared/usage/labels.ts';
import type { Labels } from '@fairlead/shared/usage/labels.ts';
import type { Payer } from './accounts.ts';

/** One combination, with an id that follows from the rest. */
export interface CostCentre {
  id: string;
  tenantId: string;
  payer: Payer;
  keyId: string;
  memberId: string | null;
  campaignId: string | null;
  poolId: string | null;
  upstreamId: string;
  credentialId: string | null;
  model: string;
  tags: readonly string[];
  /** What its tags say requests are for that do not say it themselves. */
  labels: Labels;
}

/** What the ledger knows of a key beside what its events tell. */
export interface KeyHolder { tenantId: string; memberId: string | null; tags: readonly string[] }

const noTags: readonly string[] = [];

/** Finds the cost centres of a batch; each is made once. */
export class CostCentres {
  readonly #found = new Map<string, CostCentre>();

  /** Where this event is counted. A key that was claimed meanwhile has another tenant's member and tags: those are not this tenant's to see. */
  of(event: UsageEvent, payer: Payer, holder: KeyHolder | undefined): CostCentre {
    const own = holder?.tenantId === event.tenantId ? holder : undefined;
    const tags = own?.tags ?? noTags;
    // Its length before each part: no two combinations have one text.
    let text = '';
    for (const part of [event.tenantId, payer, event.keyId, own?.memberId ?? '', event.campaignId ?? '', event.poolId ?? '', event.upstreamId, event.credentialId ?? '', event.modelUsed]) text += `${part.length}:${part}`;
    for (const tag of tags) text += `${tag.length}:${tag}`;
    const known = this.#found.get(text);
    if (known) return known;
    const made: CostCentre = {
      id: createHash('sha256').update(text).digest('base64url').slice(0, 27), tenantId: event.tenantId, payer, keyId: event.keyId, memberId: own?.memberId ?? null, campaignId: event.campaignId ?? null, poolId: event.poolId ?? null,
      upstreamId: event.upstreamId, credentialId: event.credentialId ?? null, model: event.modelUsed, tags, labels: labelsInTags(tags),
    };
    this.#found.set(text, made);
    return made;
  }
}
