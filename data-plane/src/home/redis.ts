import { keyFrom } from '@fairlead/shared/crypto/derive.ts';
import { newId } from '@fairlead/shared/id.ts';
import { readNodeToken } from '@fairlead/shared/node-api/node-token.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { createJournalState } from '../meter/journal-state.ts';
import { readStream } from '../meter/read-stream.ts';
import { openStreamJournal } from '../meter/stream-journal.ts';
import { EnrolmentFailed, readIdentity } from '../snapshot/identity.ts';
import type { Identity } from '../snapshot/identity.ts';
import { floorOf } from '../snapshot/shelf.ts';
import type { PieceShelf, Shelf } from '../snapshot/shelf.ts';
import { openOwnedStream } from '../stores/redis/owned-stream.ts';
import type { OwnedStream } from '../stores/redis/owned-stream.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';
import type { Home, HomeParts } from './home.ts';
import { openSealedFields } from './sealed-fields.ts';
import type { SealedFields } from './sealed-fields.ts';
import { openSealedPieces } from './sealed-pieces.ts';

/** Why this node cannot have its place in Redis; the message says what to do. */
export class PlaceTaken extends Error {}

/** A process that does not renew its lock for so long may be followed by another. */
const lockMs = 6_000;
const lookMs = 250;
const answerMs = 2_000;
const startMs = 15_000;

/** A home in Redis, under the token's id and the node's name; the token's secret seals what nobody may read there. */
export async function openRedisHome({ settings, compactAtBytes, clock, log }: HomeParts): Promise<Home> {
  const token = readNodeToken(settings.nodeToken ?? '');
  if (!token || settings.redisUrl === undefined) throw new EnrolmentFailed('A node that lives in Redis needs a whole node token at every start, and FAIRLEAD_REDIS_URL. Make a token in the console under Nodes.');
  const name = `fairlead:node:{${token.tokenId}:${encodeURIComponent(settings.name)}}`;
  const stream = openOwnedStream({ url: settings.redisUrl, name, owner: crypto.randomUUID(), lockMs, answerMs, onTrouble: (error) => log.debug('home.redis', { error: errorText(error) }) });
  try {
    await takePlace(stream, name, clock);
    const key = await keyFrom(token.secret, `fairlead-home\n${name}`);
    const fields = await openSealedFields({ stream, key, name });
    const kept = fields.get('identity');
    const identity = kept && readIdentity(new TextDecoder().decode(kept), `${name}:kept in Redis`);
    const state = createJournalState();
    const last = await readStream(stream, state, () => stream.prolong());
    // It joined once, so there was a journal: what leases it had spent from, nobody here knows any more.
    if (identity && !last) state.damaged();
    await tellOfSettings(stream, log);
    const bootMs = Math.max(clock.now(), (last?.epochMs ?? 0) + 1);
    const taken = Promise.withResolvers<Error>();
    const pieces = openSealedPieces({ stream, key, name });
    const restorable = { mend: () => fields.mend(), async restore() { await fields.restore(); await pieces.gone(); } };
    const journal = await openStreamJournal({ stream, state, last, bootMs, compactAtBytes, clock, log, fields: restorable, onTaken: taken.resolve });
    return {
      identity, journal, taken: taken.promise,
      bootId: newId('boot', bootMs),
      keepIdentity: (joined: Identity) => fields.keep({ identity: new TextEncoder().encode(JSON.stringify(joined)) }),
      shelf: await shelfOf(fields, pieces),
      async release() {
        await stream.release().catch(() => undefined);
        stream.close();
      },
    };
  } catch (cause) {
    await stream.release().catch(() => undefined);
    stream.close();
    throw cause;
  }
}

/** Waits for the lock of a process that is gone; one that is alive renews it. */
async function takePlace(stream: OwnedStream, name: string, clock: Clock): Promise<void> {
  let cause: unknown;
  let leastMs = Infinity;
  for (const untilMs = clock.now() + startMs; clock.now() < untilMs; await clock.sleep(lookMs)) {
    try {
      const answer = await stream.acquire();
      if (answer.mine) return;
      if (answer.leftMs > leastMs) throw new PlaceTaken(`Another node is running as ${name} in Redis. Stop it, or give this one a name of its own with FAIRLEAD_NODE_NAME and a token of its own.`);
      leastMs = answer.leftMs;
    } catch (error) {
      if (error instanceof PlaceTaken) throw error;
      cause = error;
    }
  }
  throw new PlaceTaken('Redis at FAIRLEAD_REDIS_URL does not answer, and this node keeps its books there (FAIRLEAD_NODE_STATE=redis).', { cause });
}

/** What of the server's settings lets it forget. */
async function tellOfSettings(stream: OwnedStream, log: Log): Promise<void> {
  const [policy, appendOnly] = await Promise.all([stream.setting('maxmemory-policy'), stream.setting('appendonly')]);
  if (policy !== undefined && policy !== 'noeviction') log.warn('home.redis-evicts', { what: `Redis may drop this node's books when it is full (maxmemory-policy ${policy}). Set it to noeviction.` });
  if (appendOnly === 'no') log.warn('home.redis-forgets', { what: 'Redis forgets the latest records when it is restarted (appendonly no). Set it to yes.' });
}

async function shelfOf(fields: SealedFields, pieces: PieceShelf): Promise<Shelf> {
  // Of before there were pieces: millions of bytes that nobody reads any more.
  if ((fields.get('snapshot')?.length ?? 0) > 0) await fields.keep({ snapshot: new Uint8Array() }).catch(() => undefined);
  return { pieces, get: (name) => fields.get(name), keep: (some) => fields.keep(some), oldFloor: () => floorOf(fields.get('floor')) };
}
