import { z } from 'zod';
import { misbehaviourSchema, type Misbehaviour } from './misbehaviour.ts';

const when = z.strictObject({
  /** The digest of the credential, or its first eight characters and more. */
  credential: z.string().regex(/^[0-9a-f]{8,64}$/).optional(),
  model: z.string().min(1).optional(),
});

/** What a script says: `next` is used up call by call, `always` stays until the scripts are cleared. */
export const scriptSchema = z.strictObject({
  next: z.array(misbehaviourSchema).max(10_000).optional(),
  always: misbehaviourSchema.optional(),
  when: when.optional(),
});

/** One script. */
export type Script = z.infer<typeof scriptSchema>;

/** The queue of what coming calls shall meet. */
export type ScriptQueue = {
  /** Puts a script behind those that are waiting. */
  add(script: Script): void;
  /** Takes what the oldest fitting script holds for this call. */
  take(call: { readonly credential: string; readonly model: string }): Misbehaviour | undefined;
  /** Forgets all scripts. */
  clear(): void;
  /** How many single steps are still waiting. */
  waiting(): number;
};

/** Creates an empty queue. */
export function createScriptQueue(): ScriptQueue {
  let scripts: { next: Misbehaviour[]; always: Misbehaviour | undefined; when: Script['when'] }[] = [];
  return {
    add(script) {
      scripts.push({ next: [...(script.next ?? [])], always: script.always, when: script.when });
    },
    take(call) {
      for (const script of scripts) {
        if (script.when?.credential !== undefined && !call.credential.startsWith(script.when.credential)) continue;
        if (script.when?.model !== undefined && script.when.model !== call.model) continue;
        const step = script.next.shift() ?? script.always;
        if (script.next.length === 0 && script.always === undefined) scripts = scripts.filter((other) => other !== script);
        if (step) return step;
      }
      return undefined;
    },
    clear() {
      scripts = [];
    },
    waiting: () => scripts.reduce((sum, script) => sum + script.next.length, 0),
  };
}
