import { mostOwedWindows } from '../stores.ts';
import type { Counters, Place, Stay } from '../stores.ts';

/** When the whole of a pace is free again, as seen at a time. */
interface Pacing { dueMs: number; seenMs: number }

/** Sessions of one name: how many requests each has under way, and until when it counts without any. */
type Sessions = Map<string, { running: number; untilMs: number }>;

/** Counters of this process alone; forgets names that are at rest when there are more than `cap`. */
export function createMemoryCounters(cap = 100_000): Counters {
  const arrivals = new Map<string, Pacing>();
  const places = new Map<string, { taken: number }>();
  const visits = new Map<string, Sessions>();
  const pacingOf = (name: string, nowMs: number): Pacing => {
    let at = arrivals.get(name);
    if (!at) {
      if (arrivals.size >= cap) for (const [other, { dueMs }] of arrivals) if (dueMs <= nowMs) arrivals.delete(other);
      at = { dueMs: nowMs, seenMs: nowMs };
      arrivals.set(name, at);
    }
    // A clock that was set back takes along what is due: nobody waits for longer because of it.
    if (nowMs < at.seenMs) at.dueMs -= at.seenMs - nowMs;
    at.seenMs = nowMs;
    if (at.dueMs < nowMs) at.dueMs = nowMs;
    return at;
  };
  return {
    pace(name, limit, windowMs, nowMs, amount) {
      const at = pacingOf(name, nowMs);
      const costMs = (Math.min(amount, limit) * windowMs) / limit;
      const waitMs = at.dueMs + costMs - nowMs - windowMs;
      if (waitMs > 0) return { waitMs: Math.ceil(waitMs), wholeInMs: at.dueMs - nowMs };
      at.dueMs += costMs;
      return { waitMs: 0, wholeInMs: at.dueMs - nowMs };
    },
    correct(name, limit, windowMs, nowMs, more) {
      const at = pacingOf(name, nowMs);
      at.dueMs = Math.max(nowMs, Math.min(at.dueMs + (more * windowMs) / limit, nowMs + windowMs * mostOwedWindows));
    },
    hold(name, limit) {
      let at = places.get(name);
      if (!at) {
        // Those with nothing taken stay until there are many: a busy name does not come and go.
        if (places.size >= cap) for (const [other, { taken }] of places) if (taken === 0) places.delete(other);
        at = { taken: 0 };
        places.set(name, at);
      }
      return at.taken < limit ? takePlace(at) : undefined;
    },
    enter(name, session, limit, idleMs, nowMs) {
      let sessions = visits.get(name);
      if (!sessions) {
        if (visits.size >= cap) for (const [other, those] of visits) { forgetIdle(those, nowMs); if (those.size === 0) visits.delete(other); }
        sessions = new Map();
        visits.set(name, sessions);
      }
      let mine = sessions.get(session);
      if (!mine || isIdle(mine, nowMs)) {
        forgetIdle(sessions, nowMs);
        if (sessions.size >= limit) return undefined;
        mine = { running: 0, untilMs: 0 };
        sessions.set(session, mine);
      }
      return stayOf(mine, idleMs, nowMs);
    },
    close: () => Promise.resolve(),
  };
}


function takePlace(at: { taken: number }): Place {
  at.taken += 1;
  let open = true;
  return {
    free() {
      if (open) at.taken -= 1;
      open = false;
    },
  };
}

function isIdle({ running, untilMs }: { running: number; untilMs: number }, nowMs: number): boolean {
  return running === 0 && untilMs <= nowMs;
}

function forgetIdle(sessions: Sessions, nowMs: number): void {
  for (const [session, at] of sessions) if (isIdle(at, nowMs)) sessions.delete(session);
}

function stayOf(at: { running: number; untilMs: number }, idleMs: number, nowMs: number): Stay {
  at.running += 1;
  at.untilMs = nowMs + idleMs;
  let open = true;
  return {
    leave(leftMs) {
      if (!open) return;
      open = false;
      at.running -= 1;
      at.untilMs = leftMs + idleMs;
    },
  };
}
