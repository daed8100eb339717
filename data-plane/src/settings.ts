// The only reader of the environment.
import { join, resolve } from 'node:path';

/** Everything the environment says about this node. */
export interface Settings {
  host: string;
  port: number;
  /** Where it keeps what must outlive it: in `dataDir`, or in Redis. */
  state: 'folder' | 'redis';
  dataDir: string;
  /** The pasted text that lets this node enrol; needed only while it has no identity. */
  nodeToken: string | undefined;
  /** Overrides the control plane's address in the node's identity. */
  controlUrl: string | undefined;
  redisUrl: string | undefined;
  /** Whether nodes lend each other parts of their slices, through Redis. */
  lends: boolean;
  /** `host:port` of private upstreams that the operator's upstreams may have. */
  egressAllow: readonly string[];
  trustedProxies: readonly string[];
  metricsToken: string | undefined;
  name: string;
  maxBodyBytes: number;
  spoolMaxBytes: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** How long open streams may go on after a stop was asked for. */
  drainMs: number;
  /** How long a stream is held without a byte before its headers and keep-alives go out. */
  holdMs: number;
  /** Set by a parent that wants this process to end with it. */
  stopWithStdin: boolean;
}

/** Settings that cannot be used; `problems` lists all of them at once. */
export class SettingsInvalid extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) { super(`The settings cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`); this.problems = problems; }
}

/** Reads the settings from an environment; throws SettingsInvalid with every problem. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const problems: string[] = [];
  const whole = (name: string, fallback: number, low: number, high: number): number => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) { problems.push(`${name} must be a whole number from ${low} to ${high}, not "${text}"`); return fallback; }
    return value;
  };
  const list = (name: string) => (env[name] ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '');
  const url = (name: string, schemes: readonly string[]): string | undefined => {
    const text = env[name];
    if (!text) return undefined;
    if (!URL.canParse(text) || !schemes.includes(new URL(text).protocol)) { problems.push(`${name} must be a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`); return undefined; }
    return text.replace(/\/$/, '');
  };
  const egressAllow = list('FAIRLEAD_EGRESS_ALLOW');
  for (const entry of egressAllow) if (!/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/.test(entry)) problems.push(`FAIRLEAD_EGRESS_ALLOW: "${entry}" is not host:port`);
  const level = env.FAIRLEAD_LOG_LEVEL ?? 'info';
  if (level !== 'debug' && level !== 'info' && level !== 'warn' && level !== 'error') problems.push('FAIRLEAD_LOG_LEVEL must be debug, info, warn or error');
  const state = env.FAIRLEAD_NODE_STATE || 'folder';
  if (state !== 'folder' && state !== 'redis') problems.push(`FAIRLEAD_NODE_STATE must be folder or redis, not "${state}"`);
  if (state === 'redis' && !env.FAIRLEAD_REDIS_URL) problems.push('FAIRLEAD_NODE_STATE=redis needs FAIRLEAD_REDIS_URL');
  if (state === 'redis' && !env.FAIRLEAD_NODE_TOKEN) problems.push('FAIRLEAD_NODE_STATE=redis needs FAIRLEAD_NODE_TOKEN at every start: its secret opens what Redis keeps');
  const lend = env.FAIRLEAD_LEND || 'on';
  if (lend !== 'on' && lend !== 'off') problems.push(`FAIRLEAD_LEND must be on or off, not "${lend}"`);
  const settings: Settings = {
    host: env.FAIRLEAD_NODE_HOST || env.FAIRLEAD_HOST || '127.0.0.1',
    port: whole('FAIRLEAD_NODE_PORT', 8787, 0, 65_535),
    state: state === 'redis' ? 'redis' : 'folder',
    dataDir: resolve(env.FAIRLEAD_NODE_DATA || join(env.FAIRLEAD_DATA || '.fairlead', 'node')),
    nodeToken: env.FAIRLEAD_NODE_TOKEN || undefined,
    controlUrl: url('FAIRLEAD_CONTROL_URL', ['http:', 'https:']),
    redisUrl: url('FAIRLEAD_REDIS_URL', ['redis:', 'rediss:']),
    lends: lend !== 'off',
    egressAllow,
    trustedProxies: list('FAIRLEAD_TRUSTED_PROXIES'),
    metricsToken: env.FAIRLEAD_METRICS_TOKEN || undefined,
    name: env.FAIRLEAD_NODE_NAME || 'node-1',
    maxBodyBytes: whole('FAIRLEAD_MAX_BODY_BYTES', 32 * 1024 * 1024, 1024, 1024 * 1024 * 1024),
    spoolMaxBytes: whole('FAIRLEAD_SPOOL_MAX_BYTES', 256 * 1024 * 1024, 64 * 1024, 4 * 1024 * 1024 * 1024),
    drainMs: whole('FAIRLEAD_DRAIN_MS', 120_000, 0, 3_600_000),
    holdMs: whole('FAIRLEAD_HOLD_MS', 25_000, 100, 600_000),
    stopWithStdin: env.FAIRLEAD_STOP_WITH_STDIN === '1',
    logLevel: level === 'debug' || level === 'warn' || level === 'error' ? level : 'info',
  };
  if (problems.length > 0) throw new SettingsInvalid(problems);
  return settings;
}
