import { Redis } from 'ioredis';
import type { TapeShelf } from '../stores.ts';

/** A shelf in Redis, so that a client finds its stream at whichever node it comes back to; while Redis is away, `fallback` keeps. */
export function openRedisTapes(url: string, fallback: TapeShelf, onTrouble: (error: unknown) => void): TapeShelf {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: 500, connectTimeout: 2_000, retryStrategy: (times) => Math.min(200 * times, 5_000) });
  redis.on('error', onTrouble);
  return {
    async keep(name, tape, forMs) {
      try {
        await redis.set(`fairlead:tape:${name}`, Buffer.from(tape), 'PX', forMs);
      } catch (error) {
        onTrouble(error);
        await fallback.keep(name, tape, forMs);
      }
    },
    async take(name) {
      try {
        const found = await redis.getdelBuffer(`fairlead:tape:${name}`);
        if (found) return found;
      } catch (error) {
        onTrouble(error);
      }
      return fallback.take(name);
    },
    async close() {
      redis.disconnect();
      await fallback.close();
    },
  };
}
