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
  /** What this one answers; undefined when that does not come in time, or cannot. */
  ask(to: string, word: Word, mostMs: number): Promise<Word | undefined>;
  /** The first of all that answers `can`; undefined when all that are there have said otherwise, or nobody says it in time. */
  find(word: Word, mostMs: number): Promise<string | undefined>;
  /** Hears everything that is no answer. */
  onWord(hear: Hear): void;
}

/** The keys of the group: that of an epoch, and the newest epoch (0 = there is none yet). */
export interface GroupKeys { epoch(): number; groupKeyFor(purpose: string, epoch: number): Promise<Uint8Array> | undefined }

const purpose = 'fairlead-neighbours';
const encoder = new TextEncoder();
const waitingMost = 1_000;
/** Who was heard within this time is there, and its answer is waited for. */
const thereMs = 30_000;
/** Whoever is heard by nobody asks nobody for so long. */
const aloneMs = 10_000;

/** Words of other groups, of nobody and of this node itself are passed over. */
export function openNeighbours({ nodeId, post, keys, clock }: { nodeId: string; post: Post; keys: GroupKeys; clock: Clock }): Neighbours {
  const waiting = new Map<string, (from: string, word: Word) => void>();
  const there = new Map<string, number>();
  let aloneSinceMs = -Infinity;
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
    there.set(from, clock.now());
    aloneSinceMs = -Infinity;
    if (re !== undefined) waiting.get(re)?.(from, word);
    else for (const tell of hears) tell(from, word, (answer) => { say(from, answer, id); }, epoch === keys.epoch());
  };
  post.onText((sealed) => { hear(sealed).catch(() => undefined); });

  const isWithin = (sinceMs: number, ms: number) => clock.now() >= sinceMs && clock.now() - sinceMs < ms;
  /** Lets `hear` look at every answer until it is done with them, or the time is over. */
  const answered = <T>(to: string | undefined, word: Word, mostMs: number, hear: (from: string, said: Word, done: (what: T) => void) => void): Promise<T | undefined> => {
    if (!post.isUp() || keys.epoch() === 0 || waiting.size >= waitingMost) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const id = say(to, word);
      const done = (what: T | undefined) => {
        waiting.delete(id);
        cancel();
        resolve(what);
      };
      const cancel = clock.alarm(mostMs, () => done(undefined));
      waiting.set(id, (from, said) => hear(from, said, done));
    });
  };

  return {
    say: (to, word) => { say(to, word); },
    ask: (to, word, mostMs) => answered(to, word, mostMs, (from, said, done) => { if (from === to) done(said); }),
    async find(word, mostMs) {
      if (isWithin(aloneSinceMs, aloneMs)) return undefined;
      for (const [id, atMs] of there) if (!isWithin(atMs, thereMs)) there.delete(id);
      const refused = new Set<string>();
      const found = await answered<string | null>(undefined, word, mostMs, (from, said, done) => {
        if (said.is === 'can') done(from);
        else refused.add(from);
        if (refused.size >= there.size && [...there.keys()].every((id) => refused.has(id))) done(null);
      });
      if (found === undefined && there.size === 0) aloneSinceMs = clock.now();
      return found ?? undefined;
    },
    onWord(tell) { hears.push(tell); },
  };
}
