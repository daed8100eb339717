import type { Bindings, KeptBinding } from '../stores.ts';

/** Bindings of this process alone: at most `cap` names, the one unused for longest forgotten first. */
export function createMemoryBindings(cap = 50_000): Bindings {
  // A Map keeps the order of insertion; what is used is put in again at the end.
  const kept = new Map<string, { binding: KeptBinding; untilMs: number }>();
  const live = (name: string, nowMs: number): KeptBinding | undefined => {
    const entry = kept.get(name);
    if (!entry) return undefined;
    kept.delete(name);
    if (entry.untilMs <= nowMs) return undefined;
    kept.set(name, entry);
    return entry.binding;
  };
  return {
    find(names, nowMs) {
      for (const name of names) {
        const binding = live(name, nowMs);
        if (binding) return binding;
      }
      return undefined;
    },
    keep(names, binding, seen, ttlMs, nowMs) {
      let count = 0;
      for (const name of names) {
        const there = live(name, nowMs);
        if (there && there.generation > seen) continue;
        kept.set(name, { binding, untilMs: nowMs + ttlMs });
        count += 1;
      }
      while (kept.size > cap) {
        const [oldest] = kept.keys();
        if (oldest === undefined) break;
        kept.delete(oldest);
      }
      return Promise.resolve(count);
    },
    close: () => Promise.resolve(),
  };
}
