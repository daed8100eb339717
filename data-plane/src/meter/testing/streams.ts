import type { Redis } from 'ioredis';
import { systemClock } from '@fairlead/shared/time/clock.ts';
import { openOwnedStream } from '../../stores/redis/owned-stream.ts';
import type { OwnedStream } from '../../stores/redis/owned-stream.ts';
import { createLog } from '../../telemetry/log.ts';
import type { Journal } from '../journal.ts';
import { createJournalState } from '../journal-state.ts';
import { readStream } from '../read-stream.ts';
import { openStreamJournal } from '../stream-journal.ts';

/** What a test opens: the journal, its stream, and what it was told. */
export interface TestStream { journal: Journal; stream: OwnedStream; taken: Error[]; logged: string[] }

/** Journals on streams of their own names, all removed at the end. */
export function streamsForTests(url: string, admin: Redis) {
  const open = new Map<string, TestStream[]>();
  const names: string[] = [];
  let starts = 1_800_000_000_000;
  return {
    name() { const name = `test:{${crypto.randomUUID()}}`; names.push(name); return name; },
    async open(name: string, options: { compactAtBytes?: number; waitMs?: number; bootMs?: number; wrap?: (stream: OwnedStream) => OwnedStream; restore?: () => Promise<void> } = {}): Promise<TestStream> {
      const bare = openOwnedStream({ url, name, owner: crypto.randomUUID(), lockMs: 6_000, answerMs: 2_000, onTrouble: () => undefined });
      const stream = options.wrap?.(bare) ?? bare;
      for (let tries = 0; tries < 500; tries++) if (await stream.setting('maxmemory').then((value) => value !== undefined)) break; else await new Promise((go) => { setTimeout(go, 10); });
      const state = createJournalState();
      const last = await readStream(stream, state, () => Promise.resolve());
      const [taken, logged]: [Error[], string[]] = [[], []];
      starts += 1;
      const journal = await openStreamJournal({
        stream, state, last, bootMs: options.bootMs ?? starts, compactAtBytes: options.compactAtBytes ?? 1_000_000, clock: systemClock, log: createLog('info', (line) => { logged.push(line); }), ...(options.waitMs === undefined ? {} : { waitMs: options.waitMs }),
        fields: { restore: options.restore ?? (() => Promise.resolve()), mend: () => Promise.resolve() }, onTaken: (error) => { taken.push(error); },
      });
      const one = { journal, stream, taken, logged };
      open.set(name, [...(open.get(name) ?? []), one]);
      return one;
    },
    /** Its processes are gone without a word, and its lock has run out. */
    async killed(name: string) {
      for (const { stream, journal } of open.get(name) ?? []) {
        stream.close();
        void journal.close();
      }
      open.delete(name);
      await admin.del(`${name}:lock`);
    },
    async end() {
      for (const name of [...open.keys()]) await this.killed(name);
      for (const name of names) await admin.del(`${name}:lock`, `${name}:journal`, `${name}:kept`);
      admin.disconnect();
    },
  };
}
