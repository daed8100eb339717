import { Redis } from 'ioredis';
import type { Rest, RestBoard } from '../stores.ts';

const channel = 'fairlead:rests';
const hash = 'fairlead:rests:now';
const connectMs = 1_000;
/** How far the clocks of nodes may be apart, so that none takes away what still counts for another. */
const clocksMs = 60_000;
const tidyEvery = 500;

/** A board in Redis: told by publish, and kept in a hash for who comes later. While Redis is away nodes see for themselves. */
export async function openRedisBoard(url: string, now: () => number, onTrouble: (error: unknown) => void): Promise<RestBoard> {
  const options = { maxRetriesPerRequest: 0, enableOfflineQueue: false, connectTimeout: 2_000, retryStrategy: (times: number) => Math.min(200 * times, 5_000) };
  const redis = new Redis(url, { ...options, commandTimeout: 1_000 });
  const listener = new Redis(url, { ...options, enableOfflineQueue: true, maxRetriesPerRequest: null });
  redis.on('error', onTrouble);
  listener.on('error', onTrouble);
  const hears: ((rest: Rest) => void)[] = [];
  const hear = (text: string) => {
    const rest = readRest(text);
    if (rest && rest.untilMs > now()) for (const tell of hears) tell(rest);
  };
  const tellAll = async () => {
    const over: string[] = [];
    for (const [name, text] of Object.entries(await redis.hgetall(hash))) {
      const rest = readRest(text);
      if (rest && rest.untilMs > now() - clocksMs) hear(text);
      else over.push(name);
    }
    // Clients make up names of models: what is over does not stay while others are written.
    if (over.length > 0) await redis.hdel(hash, ...over.slice(0, 5_000));
  };
  let written = 0;
  // Again after each time that Redis was away: what was told meanwhile is in the hash.
  // Either connection may be the later one.
  for (const connection of [redis, listener]) connection.on('ready', () => { if (redis.status === 'ready') tellAll().catch(onTrouble); });
  listener.on('message', (_channel: string, text: string) => hear(text));
  await new Promise<void>((go) => {
    const timer = setTimeout(go, connectMs);
    listener.subscribe(channel).then(() => { clearTimeout(timer); go(); }, (error: unknown) => { onTrouble(error); clearTimeout(timer); go(); });
  });
  return {
    rest(rest) {
      const text = JSON.stringify(rest);
      const name = rest.what === 'credential' ? rest.id : `${rest.upstream}|${rest.model}`;
      redis.multi().hset(hash, name, text).expire(hash, 3_600).publish(channel, text).exec().catch(onTrouble);
      written += 1;
      if (written % tidyEvery === 0) tellAll().catch(onTrouble);
    },
    onRest(tell) {
      hears.push(tell);
      void tellAll().catch(onTrouble);
    },
    close() {
      redis.disconnect();
      listener.disconnect();
      return Promise.resolve();
    },
  };
}

function readRest(text: string): Rest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('what' in value) || !('untilMs' in value) || typeof value.untilMs !== 'number' || !('why' in value) || typeof value.why !== 'string') return undefined;
    const { why, untilMs } = value;
    if (value.what === 'credential' && 'id' in value && typeof value.id === 'string') return { what: 'credential', id: value.id, why, untilMs };
    if (value.what === 'upstream' && 'upstream' in value && typeof value.upstream === 'string' && 'model' in value && typeof value.model === 'string') return { what: 'upstream', upstream: value.upstream, model: value.model, why, untilMs };
    return undefined;
  } catch {
    return undefined;
  }
}
