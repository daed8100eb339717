// Starts the control plane: settings, socket, everything else; stops on SIGTERM and SIGINT.
import { flushCompileCache } from 'node:module';
import { createAdaptorServer } from '@hono/node-server';
import { compose } from './compose.ts';
import type { ControlPlane } from './compose.ts';
import { createLog, describeError } from './log.ts';
import { answerParent } from './parent.ts';
import { SettingsInvalid, readSettings } from './settings.ts';
import { createSignInLink } from './domain/members/sign-in.ts';

const closeWithinMs = 10_000;
const startLinkMinutes = 24 * 60;
const log = createLog();
let wantedPort = 0;

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  wantedPort = settings.port;
  const running: { plane?: ControlPlane } = {};
  // The socket comes first: a taken port must not be found out after a migration.
  const server = createAdaptorServer({
    fetch: (request, env) => running.plane?.app.fetch(request, env) ?? new Response('The control plane is starting.\n', { status: 503, headers: { 'retry-after': '1' } }),
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, () => { server.off('error', reject); resolve(); });
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.port;

  const stopping = new AbortController();
  const stop = (signal: string) => {
    if (stopping.signal.aborted) return;
    stopping.abort(new Error(`stopped by ${signal}`));
    log.info('control.stopping', { signal });
    // Whatever hangs then, the process ends.
    setTimeout(() => process.exit(1), closeWithinMs).unref();
    void (async () => {
      server.close();
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      await running.plane?.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      process.exit(0);
    })();
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // A parent that is gone cannot stop us any more.
  if (process.send) process.on('disconnect', () => stop('disconnect'));

  const plane = await compose(settings, { log, port: () => port, signal: stopping.signal });
  running.plane = plane;
  const link = await createSignInLink(plane.domain, { kind: 'SYSTEM' }, plane.seeded.ownerId, startLinkMinutes);
  const signInUrl = link.ok ? link.value.url.reveal() : undefined;
  // Where NODE_COMPILE_CACHE names a folder: the next start finds it even when this process is killed.
  flushCompileCache();
  log.info('control.ready', { port, url: plane.domain.places.publicUrl() });
  if (process.send) answerParent(plane, { port, signInUrl });
  // Whoever starts this by hand needs the link; it is not a log line.
  else if (signInUrl !== undefined) process.stdout.write(`Sign in (once, within a day): ${signInUrl}\n`);
}

main().catch((cause: unknown) => {
  if (cause instanceof SettingsInvalid) for (const problem of cause.problems) process.stderr.write(`${problem}\n`);
  else if (isCode(cause, 'EADDRINUSE')) process.stderr.write(`The port ${wantedPort} is taken by another program. Set FAIRLEAD_CONTROL_PORT to a free one.\n`);
  else {
    process.stderr.write(`${cause instanceof Error ? cause.message : 'The control plane could not start.'}\n`);
    log.error('control.failed', describeError(cause));
  }
  process.exit(1);
});

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
