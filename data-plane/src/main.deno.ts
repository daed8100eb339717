import process from 'node:process';
import { openNodeClock } from './clock.ts';
import { compose } from './compose.ts';
import { openDenoConnections } from './http/connection-deno.ts';
import { readSettings } from './settings.ts';
import { openStop } from './stop-serving.ts';
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
  const stop = openStop(node, settings.drainMs, { shut: () => void server.shutdown(), cut: () => connections.cut() }, () => process.exit(0));
  Deno.addSignalListener('SIGTERM', stop.ask);
  Deno.addSignalListener('SIGINT', stop.ask);
  if (settings.stopWithStdin) process.stdin.on('end', stop.ask).resume();
} catch (error) {
  startFailed(error, port);
}
