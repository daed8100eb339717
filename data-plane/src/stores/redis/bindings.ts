import { Redis } from 'ioredis';
import { objectOf, parseJson } from '@fairlead/shared/wire/json.ts';
import type { Bindings, KeptBinding } from '../stores.ts';

// A value is "generation|json": the script compares the number without reading the rest.
const script = `
local kept = 0
for _, name in ipairs(KEYS) do
  local there = redis.call('GET', name)
  local generation = there and tonumber(string.match(there, '^(%d+)|')) or 0
  if generation <= tonumber(ARGV[1]) then
    redis.call('SET', name, ARGV[2], 'PX', ARGV[3])
    kept = kept + 1
  end
end
return kept`;

const firstConnectMs = 1_000;

/** Bindings in Redis, shared by every node that uses it; while it is away, `fallback` remembers for this node alone. Waits a second for the first connection. */
export async function openRedisBindings(url: string, fallback: Bindings, onTrouble: (error: unknown) => void): Promise<Bindings> {
  const redis = new Redis(url, { lazyConnect: false, maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: 250, connectTimeout: 2_000, retryStrategy: (times) => Math.min(200 * times, 5_000) });
  redis.on('error', onTrouble);
  await new Promise<void>((go) => {
    const timer = setTimeout(go, firstConnectMs);
    redis.once('ready', () => { clearTimeout(timer); go(); });
  });
  const keyOf = (name: string) => `fairlead:binding:${name}`;
  return {
    async find(names, nowMs) {
      if (names.length === 0) return undefined;
      try {
        for (const value of await redis.mget(names.map(keyOf))) {
          const binding = value === null ? undefined : readBinding(value);
          if (binding) return binding;
        }
        return undefined;
      } catch (error) {
        onTrouble(error);
        return fallback.find(names, nowMs);
      }
    },
    async keep(names, binding, seen, ttlMs, nowMs) {
      if (names.length === 0) return 0;
      try {
        return Number(await redis.eval(script, names.length, ...names.map(keyOf), seen, `${binding.generation}|${JSON.stringify(binding)}`, Math.max(1, Math.ceil(ttlMs))));
      } catch (error) {
        onTrouble(error);
        return fallback.keep(names, binding, seen, ttlMs, nowMs);
      }
    },
    async close() {
      redis.disconnect();
      await fallback.close();
    },
  };
}

/** What another node wrote; undefined when it is none of ours. */
function readBinding(value: string): KeptBinding | undefined {
  const fields = objectOf(parseJson(value.slice(value.indexOf('|') + 1)));
  if (!fields) return undefined;
  const { upstream, model, credential, from, lastUsedMs, cacheTokens, generation } = fields;
  if (typeof upstream !== 'string' || typeof model !== 'string' || typeof credential !== 'string' || typeof lastUsedMs !== 'number' || typeof cacheTokens !== 'number' || typeof generation !== 'number') return undefined;
  return { upstream, model, credential, lastUsedMs, cacheTokens, generation, ...(typeof from === 'string' ? { from } : {}) };
}
