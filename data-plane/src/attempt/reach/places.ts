import type { SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Ask } from '../../journey/ask.ts';
import type { Candidate } from '../../journey/candidate.ts';
import { addressOf } from './address.ts';

/** Clients choose names of models, and in some addresses they stand. */
const placesMost = 200;
const places = new WeakMap<SnapshotUpstream, Map<string, URL>>();

/** The URL of this call as `addressOf` makes it, made once for as long as its upstream stays as it is. It must not be changed. */
export function placeOf(candidate: Candidate, { does, stream }: Pick<Ask, 'does' | 'stream'>): URL {
  const { upstream, dialect, model } = candidate;
  let known = places.get(upstream);
  if (!known) places.set(upstream, known = new Map());
  const name = `${dialect}|${does}|${stream}|${model}`;
  let url = known.get(name);
  if (!url) {
    if (known.size >= placesMost) known.clear();
    known.set(name, url = addressOf({ upstream, dialect, model, does, stream }));
  }
  return url;
}
