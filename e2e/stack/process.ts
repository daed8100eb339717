import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** One process of the product under test. */
export interface Part {
  name: string;
  child: ChildProcess;
  /** What it has written to standard error so far. */
  log(): string;
  /** Resolves when it has ended. */
  exited: Promise<void>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

const startMs = 40_000;

const inherited = () => Object.fromEntries(['PATH', 'HOME', 'NODE_COMPILE_CACHE'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));

/** Starts a process in a clean environment and waits until `isReady` finds its word in standard output or a message. */
export async function startPart<T>(name: string, command: string, args: readonly string[], env: Record<string, string>, options: { ipc?: boolean; /** Where it runs; the repository's folder unless told. */ cwd?: string; /** Ask `ready` at once, not only when something is heard. */ soon?: boolean; ready: (heard: { output: string; message: unknown }) => T | undefined }): Promise<Part & { ready: T }> {
  const child = spawn(command, [...args], { cwd: options.cwd ?? root, env: { ...inherited(), ...env }, stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? (['ipc'] as const) : [])] });
  let output = '';
  let errors = '';
  let message: unknown;
  const part: Part = {
    name, child, log: () => errors,
    exited: new Promise((done) => child.once('exit', () => done())),
    async kill(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await part.exited;
    },
  };
  const ready = await new Promise<T>((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`${name} was not ready after ${startMs} ms:\n${output}\n${errors.slice(-3000)}`)), startMs);
    const look = () => {
      const found = options.ready({ output, message });
      if (found !== undefined) { clearTimeout(timer); done(found); }
    };
    child.stdout?.on('data', (bytes: Buffer) => { output += bytes.toString(); look(); });
    child.stderr?.on('data', (bytes: Buffer) => { errors += bytes.toString(); });
    child.on('message', (heard) => { message = heard; look(); });
    if (options.soon) child.once('spawn', look);
    child.once('error', fail);
    child.once('exit', (code, signal) => { clearTimeout(timer); fail(new Error(`${name} ended with ${signal ?? code}:\n${errors.slice(-3000)}${output.slice(-1000)}`)); });
  }).catch(async (error: unknown) => { child.kill('SIGKILL'); throw error; });
  return { ...part, ready };
}

/** The port in a `{"ready":true,"port":N}` line. */
export function readyPort(output: string): number | undefined {
  const match = /\{"ready":true,"port":(\d+)/.exec(output);
  return match ? Number(match[1]) : undefined;
}

/** A loopback port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const at = server.address();
      server.close(() => (typeof at === 'object' && at ? done(at.port) : fail(new Error('no port'))));
    });
  });
}

/** The Deno that comes with the data plane's packages; the program itself, so that signals reach it. */
export function denoPath(): string {
  return (createRequire(import.meta.url)(join(root, 'scripts', 'deno.cjs')) as { denoPath(): string }).denoPath();
}
