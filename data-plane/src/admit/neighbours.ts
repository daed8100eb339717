// The line between nodes of one group: every word carries a mark that only those can make who have the group's key.
import { fromBase64url, toBase64url } from '@fairlead/shared/crypto/base64url.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Post } from '../stores/stores.ts';
import { readSaid } from './neighbour-words.ts';
import type { Said, Word } from './neighbour-words.ts';

/** Hears what a neighbour says and may answer it. `isNewest`: it has the newest key that this node knows, so it was not shut out before that. */
export type Hear = (from: string, word: Word, answer: (word: Word) => void, isNewest: boolean) => void;

/** The other nodes of the group that use the same Redis. */
export interface Neighbours {
  /** Says something to one neighbour, or to all; what is said may be lost. */
  say(to: string | undefined, word: Word): void;
  /** The first answer; undefined when none came in time, or none can. */
  ask(to: string | undefined, word: Word, mostMs: number): Promise<{ from: string; word: Word; isNewest: boolean } | undefined>;
  /** Hears everything that is no answer. */
  onWord(hear: Hear): void;
}

/** The keys of the group: that of an epoch, and the newest epoch (0 = there is none yet). */
export interface GroupKeys { epoch(): number; groupKeyFor(purpose: string, epoch: number): Promise<Uint8Array> | undefined }

const purpose = 'fairlead-neighbours';
const encoder = new TextEncoder();
const waitingMost = 1_000;

/** Words of other groups, of nobody and of this node itself are passed over. */
export function openNeighbours({ nodeId, post, keys, clock }: { nodeId: string; post: Post; keys: GroupKeys; clock: Clock }): Neighbours {
  const waiting = new Map<string, (heard: { from: string; word: Word; isNewest: boolean }) => void>();
  const hears: Hear[] = [];
  const markers = new Map<number, Promise<CryptoKey>>();

  const markerOf = (epoch: number): Promise<CryptoKey> | undefined => {
    const known = markers.get(epoch);
    if (known) return known;
    const derived = keys.groupKeyFor(purpose, epoch);
    if (!derived) return undefined;
    const marker = derived.then((key) => crypto.subtle.importKey('raw', new Uint8Array(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']));
    // The group's keys overlap by one.
    for (const old of markers.keys()) if (old < epoch - 1) markers.delete(old);
    markers.set(epoch, marker);
    return marker;
  };

  const send = async (said: Said): Promise<void> => {
    const epoch = keys.epoch();
    const marker = markerOf(epoch);
    if (!marker || !post.isUp()) return;
    const text = JSON.stringify(said);
    const mark = await crypto.subtle.sign('HMAC', await marker, encoder.encode(`${epoch}\n${text}`));
    post.send(said.to, `${epoch}.${toBase64url(new Uint8Array(mark))}.${text}`);
  };
  const sendSoon = (said: Said) => { send(said).catch(() => undefined); };
  const say = (to: string | undefined, word: Word, re?: string): string => {
    const id = crypto.randomUUID();
    sendSoon({ id, from: nodeId, word, ...(to === undefined ? {} : { to }), ...(re === undefined ? {} : { re }) });
    return id;
  };

  const hear = async (sealed: string): Promise<void> => {
    const [, epochText = '', mark = '', text = ''] = /^(\d{1,9})\.([\w-]{43})\.(.*)$/s.exec(sealed) ?? [];
    const epoch = Number(epochText);
    const marker = text === '' ? undefined : markerOf(epoch);
    if (!marker || !(await crypto.subtle.verify('HMAC', await marker, fromBase64url(mark), encoder.encode(`${epoch}\n${text}`)))) return;
    const said = readSaid(text);
    if (!said || said.from === nodeId || (said.to !== undefined && said.to !== nodeId)) return;
    const { from, word, re, id } = said;
    const isNewest = epoch === keys.epoch();
    if (re !== undefined) waiting.get(re)?.({ from, word, isNewest });
    else for (const tell of hears) tell(from, word, (answer) => { say(from, answer, id); }, isNewest);
  };
  post.onText((sealed) => { hear(sealed).catch(() => undefined); });

  return {
    say: (to, word) => { say(to, word); },
    ask(to, word, mostMs) {
      if (!post.isUp() || keys.epoch() === 0 || waiting.size >= waitingMost) return Promise.resolve(undefined);
      return new Promise((done) => {
        const id = say(to, word);
        const over = (heard: { from: string; word: Word; isNewest: boolean } | undefined) => {
          waiting.delete(id);
          cancel();
          done(heard);
        };
        const cancel = clock.alarm(mostMs, () => over(undefined));
        // Nobody but the one who was asked may answer for him.
        waiting.set(id, (heard) => { if (to === undefined || heard.from === to) over(heard); });
      });
    },
    onWord(tell) { hears.push(tell); },
  };
}
