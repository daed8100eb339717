import { Redis } from 'ioredis';
import type { Counters } from '../stores.ts';

// The server's own time, so that nodes with different clocks share one pace. Microseconds throughout.
const script = `
local now = redis.call('TIME')
local nowUs = now[1] * 1000000 + now[2]
local step = tonumber(ARGV[2]) * 1000 / tonumber(ARGV[1])
local due = tonumber(redis.call('GET', KEYS[1]) or '0')
if due < nowUs then due = nowUs end
local latest = nowUs + tonumber(ARGV[2]) * 1000
if due > latest then due = latest end
local wait = due + step - nowUs - tonumber(ARGV[2]) * 1000
if wait > 0 then return math.ceil(wait / 1000) end
redis.call('SET', KEYS[1], string.format('%.0f', due + step), 'PX', math.ceil((due + step - nowUs) / 1000) + 1000)
return 0`;

const firstConnectMs = 1_000;

/** Counters in Redis, shared by every node that uses it; while it is away, `fallback` counts for this node alone. Waits a second for the first connection. */
export async function openRedisCounters(url: string, fallback: Counters, onTrouble: (error: unknown) => void): Promise<Counters> {
  const redis = new Redis(url, { lazyConnect: false, maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: 250, connectTimeout: 2_000, retryStrategy: (times) => Math.min(200 * times, 5_000) });
  redis.on('error', onTrouble);
  await new Promise<void>((go) => {
    const timer = setTimeout(go, firstConnectMs);
    redis.once('ready', () => { clearTimeout(timer); go(); });
  });
  return {
    async pace(name, limit, windowMs, nowMs) {
      try {
        return Number(await redis.eval(script, 1, `fairlead:pace:${name}`, limit, windowMs));
      } catch (error) {
        onTrouble(error);
        return fallback.pace(name, limit, windowMs, nowMs);
      }
    },
    async close() {
      redis.disconnect();
      await fallback.close();
    },
  };
}
