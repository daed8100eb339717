// The only reader of the environment.
import { isIP } from 'node:net';
import path from 'node:path';

/** Everything that can be set from outside. */
export interface Settings {
  /** Folder for files that must outlive the process. */
  dataDir: string;
  databaseUrl: string;
  host: string;
  /** 0 = any free port. */
  port: number;
  /** Where people reach this control plane; undefined = this machine only. */
  publicUrl: string | undefined;
  /** Where clients reach a node; printed to users. */
  nodeUrl: string;
  /** Addresses whose X-Forwarded-For is believed. */
  trustedProxies: string[];
  /** Private `host:port` that the operator's upstreams may have; nodes are told the same. */
  egressAllow: string[];
  /** 32 bytes that seal every secret; undefined = a file in dataDir. */
  kek: Uint8Array | undefined;
  /** Keys that were in use before: what they have sealed is opened, and sealed anew. */
  kekOld: readonly Uint8Array[];
  /** Base URL of the practice upstream; undefined = none is seeded. */
  practiceUrl: string | undefined;
  /** Folder of the built console; undefined = none is served. */
  consoleDir: string | undefined;
  /** How many days exchanges are kept; the ledger is kept for ever. */
  keepExchangesDays: number;
  /** What the operations of one member or token may cost in a minute, in points. */
  apiPointsPerMinute: number;
}

/** Settings that cannot be used: all problems at once. */
export class SettingsInvalid extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Reads and checks the settings; throws SettingsInvalid with every problem found. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const problems: string[] = [];
  const given = (name: string): string | undefined => env[name]?.trim() || undefined;
  const url = (name: string): string | undefined => {
    const text = given(name);
    if (text === undefined) return undefined;
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return text.replace(/\/+$/, '');
    problems.push(`${name} must be a URL that begins with http:// or https://.`);
    return undefined;
  };
  const dataDir = path.resolve(given('FAIRLEAD_DATA') ?? '.fairlead');
  const databaseUrl = given('FAIRLEAD_DATABASE_URL') ?? `file:${path.join(dataDir, 'control', 'fairlead.db')}`;
  // The URL may hold a password, so the problem does not repeat it.
  if (!/^(file:|postgres(ql)?:\/\/|mysql:\/\/|mariadb:\/\/)/.test(databaseUrl)) problems.push('FAIRLEAD_DATABASE_URL must begin with file:, postgresql:// or mysql://.');
  const portText = given('FAIRLEAD_CONTROL_PORT') ?? '4400';
  const port = Number(portText);
  if (!/^\d+$/.test(portText) || port > 65_535) problems.push('FAIRLEAD_CONTROL_PORT must be a number from 0 to 65535.');
  const keepText = given('FAIRLEAD_KEEP_EXCHANGES_DAYS') ?? '90';
  if (!/^\d{1,5}$/.test(keepText) || Number(keepText) < 1) problems.push('FAIRLEAD_KEEP_EXCHANGES_DAYS must be a number of days from 1 to 99999.');
  const pointsText = given('FAIRLEAD_API_POINTS_PER_MINUTE') ?? '5000000';
  // Fewer than the largest operation costs would refuse it for ever.
  if (!/^\d{1,9}$/.test(pointsText) || Number(pointsText) < 60_000) problems.push('FAIRLEAD_API_POINTS_PER_MINUTE must be a number from 60000 to 999999999.');
  const settings: Settings = {
    dataDir, databaseUrl, port,
    host: given('FAIRLEAD_HOST') ?? '127.0.0.1',
    publicUrl: url('FAIRLEAD_PUBLIC_URL'),
    nodeUrl: url('FAIRLEAD_NODE_URL') ?? 'http://127.0.0.1:8787',
    trustedProxies: (given('FAIRLEAD_TRUSTED_PROXIES') ?? '').split(',').map((part) => part.trim()).filter((part) => part !== ''),
    egressAllow: (given('FAIRLEAD_EGRESS_ALLOW') ?? '').split(',').map((part) => part.trim()).filter((part) => part !== ''),
    kek: readKek(given('FAIRLEAD_KEK'), 'FAIRLEAD_KEK', problems),
    kekOld: (given('FAIRLEAD_KEK_OLD') ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '').flatMap((part) => readKek(part, 'FAIRLEAD_KEK_OLD', problems) ?? []),
    practiceUrl: url('FAIRLEAD_PRACTICE_URL'),
    consoleDir: given('FAIRLEAD_CONSOLE'),
    keepExchangesDays: Number(keepText),
    apiPointsPerMinute: Number(pointsText),
  };
  for (const proxy of settings.trustedProxies) {
    if (!isAddressRange(proxy)) problems.push(`FAIRLEAD_TRUSTED_PROXIES: "${proxy}" is neither an address nor a range such as 10.0.0.0/8.`);
  }
  if (problems.length > 0) throw new SettingsInvalid(problems);
  return settings;
}

function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32));
}

function readKek(text: string | undefined, name: string, problems: string[]): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 32 && /^[A-Za-z0-9+/_-]+=*$/.test(text)) return new Uint8Array(bytes);
  problems.push(`${name} must be 32 bytes in base64 (for example from: openssl rand -base64 32).`);
  return undefined;
}

/** Whether only this machine can reach the install. */
export function isLoopback(settings: Pick<Settings, 'host' | 'publicUrl'>): boolean {
  return settings.publicUrl === undefined && ['127.0.0.1', '::1', 'localhost'].includes(settings.host);
}
