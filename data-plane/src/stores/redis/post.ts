import { Redis } from 'ioredis';
import type { Post } from '../stores.ts';

const connectMs = 1_000;
/** A text that is longer is none of ours. */
const textMost = 1_000_000;

/** Post by publish and subscribe: Redis keeps nothing of it, so that emptying it loses nothing. The names of channels are in one slot of a cluster for each fleet. */
export async function openRedisPost(at: { url: string; fleet: string; nodeId: string; onTrouble: (error: unknown) => void }): Promise<Post> {
  const { url, onTrouble } = at;
  const options = { maxRetriesPerRequest: 0, enableOfflineQueue: false, connectTimeout: 2_000, retryStrategy: (times: number) => Math.min(200 * times, 2_000) };
  const redis = new Redis(url, { ...options, commandTimeout: 1_000 });
  const listener = new Redis(url, { ...options, enableOfflineQueue: true, maxRetriesPerRequest: null });
  redis.on('error', onTrouble);
  listener.on('error', onTrouble);
  const channelOf = (to: string | undefined) => `fairlead:post:{${at.fleet}}:${to ?? 'all'}`;
  const hears: ((text: string) => void)[] = [];
  listener.on('message', (_channel: string, text: string) => { if (text.length <= textMost) for (const hear of hears) hear(text); });
  await new Promise<void>((go) => {
    const timer = setTimeout(go, connectMs);
    // Subscribed anew by the client whenever the connection is.
    listener.subscribe(channelOf(undefined), channelOf(at.nodeId)).catch(onTrouble).finally(() => { clearTimeout(timer); go(); });
  });
  return {
    isUp: () => redis.status === 'ready' && listener.status === 'ready',
    send(to, text) { redis.publish(channelOf(to), text).catch(onTrouble); },
    onText(hear) { hears.push(hear); },
    close() {
      redis.disconnect();
      listener.disconnect();
      return Promise.resolve();
    },
  };
}
