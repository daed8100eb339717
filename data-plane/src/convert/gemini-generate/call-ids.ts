// Pure. Which result answers which call: this dialect's clients may send ids or none, and send results again.
import type { PairCheck } from '../hub/tool-pairs.ts';

/** Gives every call an id, in order, and finds the one that a result answers. */
export type CallIds = { call(id: string | undefined, name: string, path: string): string; result(id: string | undefined, name: string, path: string): string };

type Call = { readonly id: string; readonly name: string; answered: boolean };

/**
 * Calls without an id are numbered through the conversation (`call_1`, …), so that they keep their ids as it grows.
 * A result belongs to the call of its id; without one, or with one that no call has, to the first call of its name
 * that waits, and where none waits it is one that was sent again. `taken` are the ids that clients gave themselves.
 */
export function createCallIds(pairs: PairCheck, taken: ReadonlySet<string>): CallIds {
  const calls: Call[] = [];
  return {
    call(id, name, path) {
      let given = id || `call_${calls.length + 1}`;
      if (!id) while (taken.has(given)) given += '_';
      pairs.call(given, path);
      calls.push({ id: given, name, answered: false });
      return given;
    },
    result(id, name, path) {
      const named = (call: Call) => call.name === name;
      const call = calls.findLast((one) => one.id === id) ?? calls.find((one) => named(one) && !one.answered) ?? calls.findLast(named);
      if (call) call.answered = true;
      const callId = call?.id ?? (id || name);
      pairs.result(callId, path);
      return callId;
    },
  };
}
