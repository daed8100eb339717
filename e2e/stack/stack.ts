import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeDatabase } from './database.ts';
import type { DatabaseKind } from './database.ts';
import { denoPath, freePort, readyPort, root, startPart } from './process.ts';
import type { Part } from './process.ts';
import { openApi } from './api.ts';
import type { Api } from './api.ts';

/** What kind of stack a story needs. */
export interface StackOptions { database?: DatabaseKind; runtime?: 'node' | 'deno'; nodes?: number; practice?: boolean; redisUrl?: string; /** Nodes have no folder: they live in Redis. */ diskless?: boolean; /** The file that a node is, in a folder of its own, instead of the sources. */ nodeFile?: string; controlEnv?: Record<string, string>; nodeEnv?: Record<string, string> }

/** One node of a stack. */
export interface StackNode { url: string; dataDir: string; part: Part; /** Starts it again on the same folder and port, without its token unless it has no folder. */ restart(): Promise<void>; /** Another process that is this node too, on another port. */ second(): Promise<Part> }

/** A running product: real processes on free ports, in a folder of its own. */
export interface Stack {
  dataDir: string;
  controlUrl: string;
  databaseUrl: string | undefined;
  api: Api;
  signInUrl: string;
  nodes: StackNode[];
  node: StackNode;
  practiceUrl: string;
  control: { part(): Part; kill(signal?: NodeJS.Signals): Promise<void>; restart(): Promise<void> };
  practice: { script(body: unknown): Promise<void>; /** Forgets its scripts and its calls. */ forget(): Promise<void>; bill(): Promise<unknown>; calls(): Promise<PracticeCall[]> };
  addNode(env?: Record<string, string>): Promise<StackNode>;
  /** Everything every process has logged. */
  logs(): string;
  close(): Promise<void>;
}

/** A second secret that the practice upstream accepts, for stories that connect it as another provider. */
export const secondCredential = 'practice-second-credential-5Qw8';

/** A third one, for stories about a pool of credentials. */
export const thirdCredential = 'practice-third-credential-7Rt2';

/** SHA-256 in hexadecimal, as the practice upstream names credentials. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A call as the practice upstream remembers it. */
export interface PracticeCall { at: string; dialect: string; model: string; credential?: string; status: number; outcome?: string; clientLeftMs?: number }

interface Ready { kind: string; port: number; signInUrl: string; practiceDigest?: string }

// The database's query compiler is WebAssembly: optimising it costs a process that lives for seconds more than it ever gains.
const brief = ['--liftoff-only'];

/** Starts a control plane, the practice upstream and nodes. */
export async function openStack(options: StackOptions = {}): Promise<Stack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fairlead-e2e-'));
  const database = await makeDatabase(options.database ?? 'sqlite');
  const parts: Part[] = [];
  const practicePort = await freePort();
  const practiceUrl = `http://127.0.0.1:${practicePort}`;
  const withPractice = options.practice !== false;
  let controlPort = 0;

  const startControl = async () => {
    const env: Record<string, string> = {
      FAIRLEAD_DATA: dataDir, FAIRLEAD_CONTROL_PORT: String(controlPort), FAIRLEAD_NODE_URL: 'http://127.0.0.1:8787', ...(existsSync(join(root, 'console', 'build')) ? { FAIRLEAD_CONSOLE: join(root, 'console', 'build') } : {}),
      ...(database.url === undefined ? {} : { FAIRLEAD_DATABASE_URL: database.url }), ...(withPractice ? { FAIRLEAD_PRACTICE_URL: practiceUrl } : {}), ...options.controlEnv,
    };
    const part = await startPart<Ready>('control plane', process.execPath, [...brief, 'control-plane/src/main.ts'], env, { ipc: true, ready: ({ message }) => (isReady(message) ? message : undefined) });
    controlPort = part.ready.port;
    parts.push(part);
    return part;
  };
  let control = await startControl();
  if (withPractice) {
    parts.push(await startPart('practice upstream', process.execPath, ['practice/src/main.ts'], { PRACTICE_PORT: String(practicePort), PRACTICE_CREDENTIAL_DIGEST: [control.ready.practiceDigest, digestOf(secondCredential), digestOf(thirdCredential)].filter(Boolean).join(',') }, { ready: ({ output }) => readyPort(output) }));
  }
  const controlUrl = `http://127.0.0.1:${controlPort}`;

  const startNode = async (dir: string, port: number, token: string | undefined, extra: Record<string, string>) => {
    const env: Record<string, string> = { ...(options.diskless ? { FAIRLEAD_NODE_STATE: 'redis' } : {}), FAIRLEAD_NODE_DATA: dir, FAIRLEAD_NODE_PORT: String(port), FAIRLEAD_CONTROL_URL: controlUrl, ...(token === undefined ? {} : { FAIRLEAD_NODE_TOKEN: token }), ...(options.redisUrl === undefined ? {} : { FAIRLEAD_REDIS_URL: options.redisUrl }), ...options.nodeEnv, ...extra };
    const home = options.nodeFile === undefined ? root : dirname(options.nodeFile);
    const [command, args] = options.runtime === 'deno'
      ? [denoPath(), ['run', '--no-check', '--no-remote', '--cached-only', '--allow-env', '--allow-net', '--allow-sys', ...(options.diskless ? [`--allow-read=${home}`] : [`--allow-read=${home},${dir}`, `--allow-write=${dir}`]), options.nodeFile ?? 'data-plane/src/main.deno.ts']]
      : [process.execPath, [options.nodeFile ?? 'data-plane/src/main.node.ts']];
    const part = await startPart('node', command, args, env, { cwd: home, ready: ({ output }) => readyPort(output) });
    parts.push(part);
    return part;
  };
  const addNode = async (extra: Record<string, string> = {}): Promise<StackNode> => {
    // A folder that nobody can make, where it is not to be used.
    const dir = options.diskless ? '/dev/null/no-folder' : mkdtempSync(join(tmpdir(), 'fairlead-e2e-node-'));
    const token = await nodeToken(control);
    const own = { FAIRLEAD_NODE_NAME: `node-${nodes.length + 1}`, ...extra };
    const part = await startNode(dir, 0, token, own);
    const later = options.diskless ? token : undefined;
    const node: StackNode = {
      url: `http://127.0.0.1:${part.ready}`, dataDir: dir, part,
      async restart() { node.part = await startNode(dir, part.ready, later, later === undefined ? extra : own); },
      second: () => startNode(dir, 0, later, own),
    };
    nodes.push(node);
    return node;
  };
  const nodes: StackNode[] = [];
  const api = await openApi(controlUrl, control.ready.signInUrl);
  for (let count = 0; count < (options.nodes ?? 1); count++) await addNode();

  const practiceCall = async (path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(practiceUrl + path, body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text === '' ? undefined : JSON.parse(text);
  };

  return {
    dataDir, controlUrl, databaseUrl: database.url, api, signInUrl: control.ready.signInUrl, nodes, practiceUrl, addNode,
    get node() { const [first] = nodes; if (!first) throw new Error('this stack has no node'); return first; },
    control: { part: () => control, kill: (signal) => control.kill(signal), restart: async () => { control = await startControl(); } },
    practice: {
      script: async (body) => { await practiceCall('/_practice/script', body); },
      forget: async () => { for (const what of ['script', 'calls']) await fetch(`${practiceUrl}/_practice/${what}`, { method: 'DELETE' }); },
      bill: () => practiceCall('/_practice/bill'),
      calls: async () => ((await practiceCall('/_practice/calls')) as { calls: PracticeCall[] }).calls,
    },
    logs: () => parts.map((part) => part.log()).join('\n'),
    async close() {
      await Promise.all(nodes.map((node) => node.part.kill('SIGKILL')));
      await Promise.all(parts.map((part) => part.kill('SIGKILL')));
      await database.drop();
      for (const dir of [dataDir, ...(options.diskless ? [] : nodes.map((node) => node.dataDir))]) rmSync(dir, { recursive: true, force: true });
    },
  };
}

function isReady(message: unknown): message is Ready {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'ready';
}

function nodeToken(control: Part): Promise<string> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error('no node token after 10 s')), 10_000);
    control.child.on('message', function hear(message: { kind?: string; token?: string; error?: string }) {
      if (message.kind !== 'node-token') return;
      clearTimeout(timer);
      control.child.off('message', hear);
      if (message.token) done(message.token);
      else fail(new Error(message.error ?? 'no token'));
    });
    control.child.send({ kind: 'node-token' });
  });
}
