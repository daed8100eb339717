// Starts the practice upstream: an honest simulated vendor for trying out and for tests.
import { flushCompileCache } from 'node:module';
import { openPractice } from './server.ts';
import { readSettings } from './settings.ts';

try {
  const practice = await openPractice(readSettings(process.env));
  // Where NODE_COMPILE_CACHE names a folder: the next start finds it even when this process is killed.
  flushCompileCache();
  process.stdout.write(`${JSON.stringify({ ready: true, port: practice.port })}\n`);
  const stop = (): void => void practice.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // A parent that ends, however it ends, closes our standard input.
  if (process.env.FAIRLEAD_STOP_WITH_STDIN === '1') process.stdin.once('end', stop).resume();
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
