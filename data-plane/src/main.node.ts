import { serve } from '@hono/node-server';
import { systemClock } from '@fairlead/shared/time/clock.ts';
import { compose } from './compose.ts';
import { connectNode } from './http/connection-node.ts';
import { startFailed } from './start-failed.ts';
import { readSettings } from './settings.ts';

try {
  const settings = readSettings(process.env);
  const node = await compose(settings, { name: `node ${process.versions.node}`, connect: connectNode }, systemClock);
  const server = serve({ fetch: node.app.fetch, hostname: settings.host, port: settings.port }, (at) => {
    node.log.info('node.listening', { host: settings.host, port: at.port, node: node.nodeId });
    process.stdout.write(`${JSON.stringify({ ready: true, port: at.port, node: node.nodeId })}\n`);
  });
  server.on('error', (error: Error) => startFailed(error, settings.port));
  let closing = false;
  const close = () => {
    if (closing) return;
    closing = true;
    node.log.info('node.stopping');
    server.close();
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    void (async () => {
      await node.drained(settings.drainMs);
      // What still streams is cut; it is settled as aborted before the last report.
      if ('closeAllConnections' in server) server.closeAllConnections();
      await node.drained(1_000);
      await node.close();
      process.exit(0);
    })();
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
  if (settings.stopWithStdin) process.stdin.on('end', close).resume();
} catch (error) {
  startFailed(error, 0);
}
