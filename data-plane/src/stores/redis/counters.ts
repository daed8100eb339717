import { Redis } from 'ioredis';
import { mostOwedWindows } from '../stores.ts';
import type { Counters, Paced, Place, Stay } from '../stores.ts';

// The server's own time, so that nodes with different clocks share one pace. Microseconds throughout: what is due, and when
// that was written. A clock that was set back takes along what is due.
const due = `
local now = redis.call('TIME')
local nowUs = now[1] * 1000000 + now[2]
local windowUs = tonumber(ARGV[2]) * 1000
local costUs = tonumber(ARGV[3]) * windowUs / tonumber(ARGV[1])
local dueUs, seenUs = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
dueUs = tonumber(dueUs or nowUs)
seenUs = tonumber(seenUs or nowUs)
if nowUs < seenUs then dueUs = dueUs - (seenUs - nowUs) end
if dueUs < nowUs then dueUs = nowUs end`;
const keepDue = `redis.call('SET', KEYS[1], string.format('%.0f %.0f', dueUs, nowUs), 'PX', math.ceil((dueUs - nowUs) / 1000) + 1000)`;
const paceScript = `${due}
local wait = dueUs + costUs - nowUs - windowUs
if wait > 0 then return { math.ceil(wait), math.floor(dueUs - nowUs) } end
dueUs = dueUs + costUs
${keepDue}
return { 0, math.floor(dueUs - nowUs) }`;
const correctScript = `${due}
dueUs = math.max(nowUs, math.min(dueUs + costUs, nowUs + windowUs * ${mostOwedWindows}))
${keepDue}
return 0`;

// Places and sessions by the server's time at which they end; each node keeps those it holds from ending.
const holdScript = `
local now = redis.call('TIME')
local nowMs = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs)
if not redis.call('ZSCORE', KEYS[1], ARGV[2]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], nowMs + tonumber(ARGV[3]), ARGV[2])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[3])) end
return 1`;
const keepScript = `
local now = redis.call('TIME')
local untilMs = now[1] * 1000 + math.floor(now[2] / 1000) + tonumber(ARGV[1])
for at = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', untilMs, ARGV[at]) end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1])) end
return 0`;

const placeMs = 60_000;
const keepEveryMs = 20_000;
const firstConnectMs = 1_000;

/** Counters in Redis, shared by every node that uses it; while it is away, `fallback` counts for this node alone. Waits a second for the first connection. */
export async function openRedisCounters(url: string, fallback: Counters, onTrouble: (error: unknown) => void): Promise<Counters> {
  const redis = new Redis(url, { lazyConnect: false, maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: 250, connectTimeout: 2_000, retryStrategy: (times) => Math.min(200 * times, 5_000) });
  redis.on('error', onTrouble);
  await new Promise<void>((go) => {
    const timer = setTimeout(go, firstConnectMs);
    redis.once('ready', () => { clearTimeout(timer); go(); });
  });
  // By the name in Redis, for the keeping alone; a request adds its id to a plain list.
  const held = new Map<string, { ids: string[]; forMs: number }>();
  const keeping = setInterval(() => {
    for (const [name, { ids, forMs }] of held) {
      if (ids.length > 0) redis.eval(keepScript, 1, name, forMs, ...ids).catch(onTrouble);
      else held.delete(name);
    }
  }, keepEveryMs);
  keeping.unref();
  const keep = (name: string, id: string, forMs: number) => {
    const at = held.get(name);
    if (at) at.ids.push(id);
    else held.set(name, { ids: [id], forMs });
  };
  const letGo = (name: string, id: string) => {
    const mine = held.get(name)?.ids;
    const at = mine?.indexOf(id) ?? -1;
    if (at >= 0) mine?.splice(at, 1);
  };
  const placeOf = (name: string, id: string): Place => {
    keep(name, id, placeMs);
    let open = true;
    return {
      free() {
        if (!open) return;
        open = false;
        letGo(name, id);
        redis.zrem(name, id).catch(onTrouble);
      },
    };
  };
  const stayOf = (name: string, session: string, idleMs: number): Stay => {
    keep(name, session, idleMs);
    let open = true;
    return {
      leave() {
        if (!open) return;
        open = false;
        letGo(name, session);
        redis.eval(keepScript, 1, name, idleMs, session).catch(onTrouble);
      },
    };
  };
  return {
    async hold(name, limit) {
      const id = crypto.randomUUID();
      const place = `fairlead:places:${name}`;
      try {
        return Number(await redis.eval(holdScript, 1, place, limit, id, placeMs)) === 1 ? placeOf(place, id) : undefined;
      } catch (error) {
        onTrouble(error);
        return fallback.hold(name, limit);
      }
    },
    async enter(name, session, limit, idleMs, nowMs) {
      const visits = `fairlead:sessions:${name}`;
      try {
        return Number(await redis.eval(holdScript, 1, visits, limit, session, idleMs)) === 1 ? stayOf(visits, session, idleMs) : undefined;
      } catch (error) {
        onTrouble(error);
        return fallback.enter(name, session, limit, idleMs, nowMs);
      }
    },
    async pace(name, limit, windowMs, nowMs, amount) {
      try {
        return pacedOf(await redis.eval(paceScript, 1, `fairlead:pace:${name}`, limit, windowMs, Math.min(amount, limit)));
      } catch (error) {
        onTrouble(error);
        const { waitMs, wholeInMs } = await fallback.pace(name, limit, windowMs, nowMs, amount);
        return { waitMs, wholeInMs, alone: true };
      }
    },
    correct(name, limit, windowMs, nowMs, more, taken) {
      if (taken.alone) fallback.correct(name, limit, windowMs, nowMs, more, taken);
      else redis.eval(correctScript, 1, `fairlead:pace:${name}`, limit, windowMs, more).catch(onTrouble);
    },
    async close() {
      clearInterval(keeping);
      redis.disconnect();
      await fallback.close();
    },
  };
}

/** Redis answers in whole microseconds. */
function pacedOf(answer: unknown): Paced {
  const [waitUs, wholeInUs] = Array.isArray(answer) ? answer : [];
  return { waitMs: Math.ceil(Number(waitUs) / 1000), wholeInMs: Number(wholeInUs) / 1000 };
}
