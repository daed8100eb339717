// Pure. What a client asks for by name: an upstream, another model, a longer window.
import type { SnapshotUpstream } from '../snapshot/snapshot.ts';
import type { AskFacts } from './ask-facts.ts';

/** What is meant by the model that was written. */
export interface Wanted {
  /** Without upstream and without `[1m]`. */
  model: string;
  /** The upstream that was named, as it was written; it may not exist. */
  upstream?: string;
  /** What named it; absent when nothing but a plain model was asked for. */
  by?: 'the model name' | 'the sub-agent tag';
}

const longSuffix = '[1m]';

/** Whether a model's name asks for the long window. */
export function wantsLongContext(model: string): boolean {
  return model.toLowerCase().endsWith(longSuffix);
}

/**
 * What is asked for: `upstream,model` or `upstream/model` in the model's name first, then the sub-agent tag.
 * A name may itself contain "/", so that form counts only when its first part names one of `upstreams`.
 */
export function wantedOf(facts: Pick<AskFacts, 'model' | 'explicit'>, upstreams: readonly SnapshotUpstream[]): Wanted {
  const own = splitName(facts.model, upstreams);
  if (own.upstream !== undefined) return { ...own, by: 'the model name' };
  const { explicit } = facts;
  if (explicit?.model === undefined && explicit?.upstream === undefined) return own;
  if (explicit.upstream !== undefined) return { model: plain(explicit.model ?? own.model), upstream: explicit.upstream, by: 'the sub-agent tag' };
  return { ...splitName(explicit.model ?? own.model, upstreams), by: 'the sub-agent tag' };
}

/** Reads what stands in a sub-agent tag: `upstream,model` or a model. */
export function readTag(text: string): NonNullable<AskFacts['explicit']> | undefined {
  const inner = text.trim();
  if (inner === '' || inner.length > 200) return undefined;
  const comma = inner.indexOf(',');
  return comma < 0 ? { model: inner } : { upstream: inner.slice(0, comma).trim(), model: inner.slice(comma + 1).trim() };
}

/** Whether an upstream goes by this name; letter case does not matter. */
export function isNamed(upstream: SnapshotUpstream, name: string): boolean {
  return upstream.id === name || upstream.name.toLowerCase() === name.toLowerCase();
}

function splitName(name: string, upstreams: readonly SnapshotUpstream[]): Wanted {
  const comma = name.indexOf(',');
  if (comma > 0) return { upstream: name.slice(0, comma).trim(), model: plain(name.slice(comma + 1).trim()) };
  // The longest name that fits: an upstream may have "/" in its name too.
  for (let slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
    const first = name.slice(0, slash);
    if (upstreams.some((upstream) => isNamed(upstream, first))) return { upstream: first, model: plain(name.slice(slash + 1)) };
  }
  return { model: plain(name) };
}

function plain(model: string): string {
  return wantsLongContext(model) ? model.slice(0, -longSuffix.length).trim() : model;
}
