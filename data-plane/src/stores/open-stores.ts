import type { Clock } from '@fairlead/shared/time/clock.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';
import { createMemoryBindings } from './memory/bindings.ts';
import { createMemoryCounters } from './memory/counters.ts';
import { createLonelyBoard } from './memory/rest-board.ts';
import { createMemoryTapes } from './memory/tapes.ts';
import { openRedisBindings } from './redis/bindings.ts';
import { openRedisCounters } from './redis/counters.ts';
import { openRedisBoard } from './redis/rest-board.ts';
import { openRedisPost } from './redis/post.ts';
import { openRedisTapes } from './redis/tapes.ts';
import type { Bindings, Counters, Post, RestBoard, TapeShelf } from './stores.ts';

/** What a node remembers beside its journal: shared through Redis when there is one, its own otherwise. */
export interface Stores { counters: Counters; bindings: Bindings; board: RestBoard; tapes: TapeShelf; /** Only where there is a Redis and somebody to speak for. */ post: Post | undefined; close(): Promise<void> }

/** Opens every store; Redis that is away is told once in the log, and memory stands in for it. */
export async function openStores(parts: { redisUrl: string | undefined; postOf: { nodeId: string; fleet: string } | undefined; clock: Clock; log: Log }): Promise<Stores> {
  const { redisUrl, postOf, clock, log } = parts;
  const own = { counters: createMemoryCounters(), bindings: createMemoryBindings(), board: createLonelyBoard(), tapes: createMemoryTapes(clock) };
  if (redisUrl === undefined) return { ...own, post: undefined, close: () => Promise.resolve() };
  let troubled = false;
  const onTrouble = (error: unknown) => {
    if (!troubled) log.warn('redis.away', { error: errorText(error) });
    troubled = true;
  };
  const [counters, bindings, board, post] = await Promise.all([
    openRedisCounters(redisUrl, own.counters, onTrouble), openRedisBindings(redisUrl, own.bindings, onTrouble), openRedisBoard(redisUrl, () => clock.now(), onTrouble),
    postOf && openRedisPost({ url: redisUrl, fleet: postOf.fleet, nodeId: postOf.nodeId, onTrouble }),
  ]);
  const tapes = openRedisTapes(redisUrl, own.tapes, onTrouble);
  return { counters, bindings, board, tapes, post, async close() { await Promise.all([counters.close(), bindings.close(), board.close(), tapes.close(), post?.close()]); } };
}
