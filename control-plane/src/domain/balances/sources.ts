// Pure. How the balance of a vendor's account is read: known sources as data, or paths of one's own. Each fact is from the vendor's public documentation.
import { jsonpath } from 'json-p3';
import { isLoose } from '@fairlead/shared/wire/json.ts';

/** One request and where its answer tells what; paths are JSONPath (RFC 9535). */
export interface BalanceRead {
  /** Behind the upstream's own address: a secret is sent nowhere else. */
  path: string;
  left?: string;
  limit?: string;
  used?: string;
  /** An instant as ISO 8601 text, or seconds or milliseconds since 1970. */
  resetsAt?: string;
  /** By how much what stands there is divided: 100 for cents. */
  divisor?: number;
}

/** What is read, and in which unit it stands: a currency, or one of `countUnits`. */
export interface BalancePlan { reads: readonly BalanceRead[]; unit: string | { path: string } }

/** Units that are no money. */
export const countUnits = ['TOKENS', 'REQUESTS', 'PERCENT'] as const;

/** The sources that need no paths. */
export const knownSources = {
  DEEPSEEK: { reads: [{ path: '/user/balance', left: '$.balance_infos[0].total_balance' }], unit: { path: '$.balance_infos[0].currency' } },
  MOONSHOT: { reads: [{ path: '/v1/users/me/balance', left: '$.data.available_balance' }], unit: 'USD' },
  MOONSHOT_CN: { reads: [{ path: '/v1/users/me/balance', left: '$.data.available_balance' }], unit: 'CNY' },
  // Gateways that resell: the limit in dollars, what is used in cents of one.
  NEW_API: { reads: [{ path: '/v1/dashboard/billing/subscription', limit: '$.hard_limit_usd' }, { path: '/v1/dashboard/billing/usage', used: '$.total_usage', divisor: 100 }], unit: 'USD' },
  OPENROUTER: { reads: [{ path: '/v1/credits', limit: '$.data.total_credits', used: '$.data.total_usage' }], unit: 'USD' },
  OPENROUTER_KEY: { reads: [{ path: '/v1/key', left: '$.data.limit_remaining', limit: '$.data.limit', used: '$.data.usage' }], unit: 'USD' },
  SILICONFLOW: { reads: [{ path: '/v1/user/info', left: '$.data.totalBalance' }], unit: 'USD' },
  SILICONFLOW_CN: { reads: [{ path: '/v1/user/info', left: '$.data.totalBalance' }], unit: 'CNY' },
} as const satisfies Record<string, BalancePlan>;

/** Where a balance is read; JSON has paths of its own. */
export const balanceSources = [...(Object.keys(knownSources) as (keyof typeof knownSources)[]), 'JSON'] as const;

/** The name of a source. */
export type BalanceSource = (typeof balanceSources)[number];

/** What an upstream is set to. */
export interface BalanceSetting { source: BalanceSource; everyMinutes: number; read?: BalanceRead; unit?: string }

/** How often when nothing is said. */
export const everyMinutesDefault = 15;

/** The setting in a stored column; undefined when there is none. */
export function readBalanceSetting(value: unknown): BalanceSetting | undefined {
  if (!isLoose(value)) return undefined;
  const source = balanceSources.find((known) => known === value.source);
  if (source === undefined) return undefined;
  const everyMinutes = typeof value.everyMinutes === 'number' && value.everyMinutes >= 1 ? value.everyMinutes : everyMinutesDefault;
  if (source !== 'JSON') return { source, everyMinutes };
  const { path, unit } = value;
  if (typeof path !== 'string' || typeof unit !== 'string') return undefined;
  const paths = Object.fromEntries((['left', 'limit', 'used', 'resetsAt'] as const).flatMap((name) => { const at = value[name]; return typeof at === 'string' ? [[name, at]] : []; }));
  return { source, everyMinutes, read: { path, ...paths }, unit };
}

/** What a setting reads. */
export function planOf({ source, read, unit }: BalanceSetting): BalancePlan {
  return source === 'JSON' ? { reads: read ? [read] : [], unit: unit ?? 'USD' } : knownSources[source];
}

/** Whether a text is a JSONPath. */
export function isJsonPath(text: string): boolean {
  if (text.length > 200) return false;
  try { jsonpath.compile(text); return true; } catch { return false; }
}

/** The first value at a path; undefined when there is none. */
export function valueAt(path: string, json: unknown): unknown {
  try { return jsonpath.query(path, json as never).values()[0]; } catch { return undefined; }
}
