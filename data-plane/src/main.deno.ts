import process from 'node:process';
import { openNodeClock } from './clock.ts';
import { compose } from './compose.ts';
import { openDenoConnections } from './http/connection-deno.ts';
import { readSettings } from './settings.ts';
import { startFailed } from './start-failed.ts';

const env = Deno.env.toObject();
let port = 0;
try {
  const settings = readSettings(env);
  port = settings.port;
  const connections = openDenoConnections();
  const node = await compose(settings, { name: `deno ${Deno.version.deno}`, connect: connections.connect }, openNodeClock());
  void node.taken.then((error) => startFailed(error, 0));
  const server = Deno.serve({
    hostname: settings.host,
    port: settings.port,
    onListen: (at) => {
      node.log.info('node.listening', { host: settings.host, port: at.port, node: node.nodeId });
      process.stdout.write(`${JSON.stringify({ ready: true, port: at.port, node: node.nodeId })}\n`);
    },
  }, (request, info) => node.app.fetch(request, info));
  let closing = false;
  const close = () => {
    if (closing) return;
    closing = true;
    node.log.info('node.stopping');
    void server.shutdown();
    void (async () => {
      await node.drained(settings.drainMs);
      // What still streams is cut; it is settled as aborted before the last report.
      connections.cut();
      await node.drained(1_000);
      await node.close();
      process.exit(0);
    })();
  };
  Deno.addSignalListener('SIGTERM', close);
  Deno.addSignalListener('SIGINT', close);
  if (settings.stopWithStdin) process.stdin.on('end', close).resume();
} catch (error) {
  startFailed(error, port);
}
