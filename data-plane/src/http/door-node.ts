import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorText } from '../telemetry/log.ts';
import type { Node } from '../node.ts';
import { openNodeConnection } from './connection-node.ts';
import { resolveEndpoint } from './endpoints.ts';
import { headersOf } from './headers-node.ts';
import { answerPost } from './serve.ts';
import type { Post, ServeSettings } from './serve.ts';

/** Serves what is asked by the thousand straight from Node's request; false for everything else, which is Hono's. */
export type NodeDoor = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

const nothing = new URLSearchParams();

/** The short way in on Node: a POST whose target is written as the catalog writes it. */
export function createNodeDoor(node: Node, settings: ServeSettings): NodeDoor {
  return (incoming, outgoing) => {
    if (incoming.method !== 'POST') return false;
    const target = incoming.url ?? '/';
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    // What a URL would first have to put right (fragments, backslashes) goes the long way.
    const endpoint = target.includes('#') || target.includes('\\') ? undefined : resolveEndpoint(path);
    if (!endpoint) return false;
    void serve({ endpoint, path, query: mark < 0 ? nothing : new URLSearchParams(target.slice(mark + 1)), headers: headersOf(incoming) }, incoming, outgoing);
    return true;
  };

  async function serve(post: Post, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const connection = openNodeConnection(incoming, outgoing);
      const written = connection.write(await answerPost(post, connection, node, settings));
      if (written) await written;
    } catch (cause) {
      node.log.debug('exchange.cut', { error: errorText(cause) });
      outgoing.destroy();
    }
    if (!incoming.readableEnded) letGo(incoming);
  }
}

const restMostBytes = 64 * 1024 * 1024;
const restMostMs = 500;

/** A body that nobody read: what is still on its way is thrown away for a moment, so that the client can read its answer; then the connection is cut. */
function letGo(incoming: IncomingMessage): void {
  let bytes = 0;
  const cut = () => { incoming.socket.destroySoon(); };
  const timer = setTimeout(cut, restMostMs);
  incoming.on('data', (piece: Uint8Array) => { bytes += piece.length; if (bytes > restMostBytes) cut(); });
  incoming.once('close', () => clearTimeout(timer));
  incoming.resume();
}
