// The node's clock. A request looks at the time twenty times and sets four alarms that it takes back: the machine's
// own calls for both cost more than what they are for.
import { setImmediate } from 'node:timers';
import { systemClock } from '@fairlead/shared/time/clock.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';

/** What is nearer than this rings to the millisecond; everything else up to a slot late. */
const nearMs = 2_000;
const slotMs = 200;

/** An alarm in its slot's ring of neighbours; the slot itself is one that never rings. */
class Alarm {
  before: Alarm = this;
  after: Alarm = this;
  ring: (() => void) | undefined;
  constructor(ring?: () => void) { this.ring = ring; }

  putBefore(other: Alarm): void {
    this.before = other.before;
    this.after = other;
    other.before.after = this;
    other.before = this;
  }

  takeOut(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    // Neighbours that were pointed to would be kept from the garbage collector.
    this.before = this;
    this.after = this;
    this.ring = undefined;
  }
}

/** The clock of one node: the time of this turn of the event loop, and alarms of which the distant ones share a timer. */
export function openNodeClock(own: Clock = systemClock, atEnd: (work: () => void) => void = setImmediate, elapsedMs: () => number = () => performance.now()): Clock {
  let turnMs = 0;
  const turned = () => { turnMs = 0; };
  const slots = new Map<number, Alarm>();
  let cancelTick: (() => void) | undefined;

  const tick = () => {
    cancelTick = undefined;
    const now = elapsedMs();
    for (const [number, slot] of slots) {
      if (number * slotMs > now) continue;
      slots.delete(number);
      for (let due = slot.after; due !== slot; due = slot.after) {
        const { ring } = due;
        due.takeOut();
        // Whatever one of them breaks is no reason to leave out the others.
        if (ring) queueMicrotask(ring);
      }
    }
    if (slots.size > 0) cancelTick = own.alarm(slotMs, tick);
  };

  return {
    now() {
      if (turnMs === 0) {
        turnMs = own.now();
        atEnd(turned);
      }
      return turnMs;
    },
    sleep: (ms, signal) => own.sleep(ms, signal),
    alarm(ms, ring) {
      if (ms < nearMs) return own.alarm(ms, ring);
      const number = Math.ceil((elapsedMs() + ms) / slotMs);
      let slot = slots.get(number);
      if (!slot) slots.set(number, slot = new Alarm());
      const alarm = new Alarm(ring);
      alarm.putBefore(slot);
      cancelTick ??= own.alarm(slotMs, tick);
      return () => { alarm.takeOut(); };
    },
  };
}
