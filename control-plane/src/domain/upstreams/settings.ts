// Pure. What an upstream may have besides its address and models: checked when it is written, read with a bound on each.
import { isDialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { isLoose } from '@fairlead/shared/wire/json.ts';
import { abortPolicies, addressings, capabilities } from '@fairlead/shared/snapshot/snapshot.ts';
import type { AbortPolicy, Addressing, Capability, SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import { isQuirkName } from '@fairlead/shared/transformers/descriptors.ts';
import type { Checks, Unset } from '../check.ts';
import { checkBaseUrl } from './rules.ts';
import { textList } from './stored.ts';

/** The optional part of an upstream, as nodes are told it. */
export type UpstreamSettings = Pick<SnapshotUpstream, 'baseUrls' | 'addressing' | 'quirks' | 'headers' | 'patience' | 'onAbort' | 'lacks'>;

/** Changes to it: undefined = as it is, null = nothing special. */
export interface UpstreamSettingsInput {
  baseUrls?: readonly { dialect: string; baseUrl: string }[] | Unset;
  addressing?: string | Unset;
  quirks?: readonly string[] | Unset;
  headers?: readonly { name: string; value: string }[] | Unset;
  patience?: number | Unset;
  onAbort?: string | Unset;
  lacks?: readonly string[] | Unset;
}

/** The settings in a stored column; what is not understood is passed over. */
export function readUpstreamSettings(value: unknown): UpstreamSettings {
  if (!isLoose(value)) return {};
  const addressing = addressings.find((known) => known === value.addressing);
  const onAbort = abortPolicies.find((known) => known === value.onAbort);
  const quirks = (textList(value.quirks) ?? []).filter(isQuirkName);
  const lacks = readCapabilities(value.lacks);
  const headers = texts(value.headers);
  const baseUrls: Partial<Record<DialectName, string>> = {};
  for (const [dialect, url] of Object.entries(texts(value.baseUrls))) if (isDialectName(dialect) && URL.canParse(url)) baseUrls[dialect] = url;
  return {
    ...(Object.keys(baseUrls).length > 0 ? { baseUrls } : {}),
    ...(addressing ? { addressing } : {}),
    ...(quirks.length > 0 ? { quirks } : {}),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    // Snapshots hold whole numbers only: another would stop publishing for everyone.
    ...(typeof value.patience === 'number' && Number.isSafeInteger(value.patience) && value.patience > 0 && value.patience <= 100 ? { patience: value.patience } : {}),
    ...(onAbort ? { onAbort } : {}),
    ...(lacks.length > 0 ? { lacks } : {}),
  };
}

/** The known capabilities of a stored list. */
export function readCapabilities(value: unknown): Capability[] {
  return (textList(value) ?? []).flatMap((name) => capabilities.filter((known) => known === name));
}

/** What is stored after a change; undefined when nothing of it was given. */
export function checkUpstreamSettings(checks: Checks, before: UpstreamSettings, input: UpstreamSettingsInput, operator: boolean, allowed: readonly string[]): UpstreamSettings | undefined {
  const given = [input.baseUrls, input.addressing, input.quirks, input.headers, input.patience, input.onAbort, input.lacks];
  if (given.every((part) => part === undefined)) return undefined;
  const after: { -readonly [Name in keyof UpstreamSettings]: UpstreamSettings[Name] | undefined } = { ...before };
  if (input.baseUrls !== undefined) after.baseUrls = checkAddresses(checks, input.baseUrls ?? [], operator, allowed);
  if (input.addressing !== undefined) after.addressing = oneOf<Addressing>(checks, addressings, input.addressing, ['addressing']);
  if (input.quirks !== undefined) after.quirks = checkQuirks(checks, input.quirks ?? []);
  if (input.headers !== undefined) after.headers = checkHeaders(checks, input.headers ?? []);
  if (input.patience !== undefined) after.patience = checks.count(input.patience, ['patience'], 1, 100);
  if (input.onAbort !== undefined) after.onAbort = oneOf<AbortPolicy>(checks, abortPolicies, input.onAbort, ['onAbort']);
  if (input.lacks !== undefined) after.lacks = checkCapabilities(checks, input.lacks ?? [], ['lacks']);
  return readUpstreamSettings(after);
}

/** Checks names of capabilities. */
export function checkCapabilities(checks: Checks, names: readonly string[], path: string[]): Capability[] {
  names.forEach((name, at) => { if (!capabilities.some((known) => known === name)) checks.say([...path, String(at)], 'INVALID', `It must be one of ${capabilities.join(', ')}.`); });
  return [...new Set(readCapabilities(names))];
}

function checkAddresses(checks: Checks, rows: readonly { dialect: string; baseUrl: string }[], operator: boolean, allowed: readonly string[]): Partial<Record<DialectName, string>> {
  const found: Partial<Record<DialectName, string>> = {};
  rows.forEach(({ dialect, baseUrl }, at) => {
    const path = ['baseUrls', String(at)];
    if (!isDialectName(dialect)) return checks.say([...path, 'dialect'], 'INVALID', 'It must be the name of a wire format.');
    if (found[dialect] !== undefined) return checks.say([...path, 'dialect'], 'INVALID', 'This wire format has an address already.');
    found[dialect] = checkBaseUrl(checks, baseUrl, [...path, 'baseUrl'], operator, allowed);
  });
  return found;
}

function checkQuirks(checks: Checks, names: readonly string[]): string[] {
  if (names.length > 30) checks.say(['quirks'], 'TOO_LONG', 'It must have at most 30 names.');
  names.forEach((name, at) => { if (!isQuirkName(name)) checks.say(['quirks', String(at)], 'INVALID', `There is no adjustment called "${name.slice(0, 60)}".`, 'The field `quirks` of the API lists them.'); });
  return [...new Set(names)];
}

// What names an account, a connection or a length is the node's to say; a secret belongs into a credential, where it is sealed.
const nodesOwn = new Set(['authorization', 'proxy-authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'x-amz-security-token', 'cookie', 'host', 'content-length', 'content-type', 'content-encoding', 'transfer-encoding', 'connection', 'upgrade', 'te', 'trailer', 'expect', 'keep-alive', 'accept-encoding']);

function checkHeaders(checks: Checks, rows: readonly { name: string; value: string }[]): Record<string, string> {
  const found: Record<string, string> = {};
  if (rows.length > 20) checks.say(['headers'], 'TOO_LONG', 'It must have at most 20 headers.');
  rows.slice(0, 20).forEach((row, at) => {
    const name = row.name.trim().toLowerCase();
    const path = ['headers', String(at)];
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name)) checks.say([...path, 'name'], 'INVALID', 'It must be the name of a header, such as "x-title".');
    else if (nodesOwn.has(name)) checks.say([...path, 'name'], 'INVALID', `The header ${name} is set by the node.`, 'Give a secret as the credential, where it is sealed.');
    if (!/^[\x20-\x7e]{1,500}$/.test(row.value)) checks.say([...path, 'value'], 'INVALID', 'It must be 1 to 500 plain characters.');
    found[name] = row.value;
  });
  return found;
}

function oneOf<Name extends string>(checks: Checks, among: readonly Name[], value: string | null, path: string[]): Name | undefined {
  const found = among.find((known) => known === value);
  if (value !== null && found === undefined) checks.say(path, 'INVALID', `It must be one of ${among.join(', ')}.`);
  return found;
}

function texts(value: unknown): Record<string, string> {
  if (!isLoose(value)) return {};
  return Object.fromEntries(Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' && text !== '' ? [[name, text]] : [])));
}
