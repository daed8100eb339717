// Pure. Chance that can be repeated.

/** A number in [0, 1) that is always the same for the same seed and name, and spread evenly over names and seeds. */
export function drawOf(seed: string, name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < seed.length; at++) hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ 0x7c, 0x01000193);
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  // FNV alone leaves near names near each other; this is the finisher of MurmurHash3.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}

/**
 * Where a thing of this weight stands in a random order: sorting by it, the smallest first, draws each place by
 * weight (Efraimidis and Spirakis). It depends on nothing but the seed, the name and the weight, so a
 * neighbour that comes or goes changes no order among the others. Weight 0 comes last.
 */
export function placeOf(seed: string, name: string, weight: number): number {
  return weight > 0 ? -Math.log(1 - drawOf(seed, name)) / weight : Infinity;
}
