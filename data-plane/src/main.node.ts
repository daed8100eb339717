import { createServer } from 'node:http';
import module from 'node:module';
import { getRequestListener } from '@hono/node-server';
import { openNodeClock } from './clock.ts';
import { compose } from './compose.ts';
import { connectNode } from './http/connection-node.ts';
import { startFailed } from './start-failed.ts';
import { readSettings } from './settings.ts';
import { openStop } from './stop-serving.ts';

try {
  const settings = readSettings(process.env);
  const node = await compose(settings, { name: `node ${process.versions.node}`, connect: connectNode }, openNodeClock());
  void node.taken.then((error) => startFailed(error, 0));
  const long = getRequestListener(node.app.fetch, { hostname: settings.host });
  // A header sent twice is two values, on the short way as on the long one.
  const server = createServer({ joinDuplicateHeaders: true }, (incoming, outgoing) => {
    // Its client is to go elsewhere with the next one.
    if (stop.asked()) outgoing.shouldKeepAlive = false;
    if (!node.door(incoming, outgoing)) void long(incoming, outgoing);
  });
  const stop = openStop(node, settings.drainMs, { shut() { server.close(); server.closeIdleConnections(); }, cut: () => server.closeAllConnections() }, () => process.exit(0));
  server.listen(settings.port, settings.host, () => {
    const at = server.address();
    const port = typeof at === 'object' && at ? at.port : settings.port;
    // Where NODE_COMPILE_CACHE names a folder: the next start finds it even when this process is killed.
    module.flushCompileCache();
    node.log.info('node.listening', { host: settings.host, port, node: node.nodeId });
    process.stdout.write(`${JSON.stringify({ ready: true, port, node: node.nodeId })}\n`);
  });
  server.on('error', (error: Error) => startFailed(error, settings.port));
  process.on('SIGTERM', stop.ask);
  process.on('SIGINT', stop.ask);
  if (settings.stopWithStdin) process.stdin.on('end', stop.ask).resume();
} catch (error) {
  startFailed(error, 0);
}
