// Pure. What an upstream may look like.
import { classifyHost } from '@fairlead/shared/egress/address.ts';
import { dialectNames } from '@fairlead/shared/snapshot/snapshot.ts';
import { isLoose, parseJson } from '@fairlead/shared/wire/json.ts';
import type { Checks, Unset } from '../check.ts';
import { isModelName } from '../check.ts';

/** One asked name and the name that is sent. */
export interface ModelMapping { model: string; upstreamModel?: string | null | undefined }

/** Checks a base URL; only an operator may point nodes at this machine, or at a private address that is named in `allowed` as host:port. */
export function checkBaseUrl(checks: Checks, text: string, path: string[], operator: boolean, allowed: readonly string[]): string {
  const blank = /\{[^}]*\}?/.exec(text)?.[0];
  if (blank !== undefined) {
    checks.say(path, 'INVALID', `It still holds ${blank.slice(0, 60)}.`, 'Put your own in its place.');
    return text;
  }
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    checks.say(path, 'INVALID', 'It must be a URL that begins with https:// (or http:// for a machine of your own).');
    return text;
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') checks.say(path, 'INVALID', 'It must not hold a user, a password, a query or a fragment.', 'Give the secret as the credential.');
  const where = classifyHost(url.hostname);
  if (!operator && where !== undefined && where !== 'public') checks.say(path, 'ADDRESS_REFUSED', 'Nodes call public addresses only.', 'Ask an operator to add this upstream.');
  const place = `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`.toLowerCase();
  if (operator && where === 'private' && !allowed.some((entry) => entry.toLowerCase() === place)) {
    checks.say(path, 'ADDRESS_REFUSED', `${place} is a private address, which nodes do not call.`, `To allow it, start the control plane and its nodes with FAIRLEAD_EGRESS_ALLOW=${place}.`);
  }
  if (!operator && url.protocol === 'http:') checks.say(path, 'INVALID', 'It must begin with https://.');
  if (url.href.length > 500) checks.say(path, 'TOO_LONG', 'It must have at most 500 characters.');
  return url.href.replace(/\/+$/, '');
}

/** Checks the list of dialects. */
export function checkDialects(checks: Checks, names: readonly string[], path: string[]): string[] {
  if (names.length === 0) checks.say(path, 'INVALID', 'It must name at least one dialect.');
  names.forEach((name, at) => { if (!dialectNames.some((known) => known === name)) checks.say([...path, String(at)], 'INVALID', `It must be one of ${dialectNames.join(', ')}.`); });
  return [...new Set(names)];
}

/** Checks the map of model names; undefined = every name is sent as asked. */
export function checkMappings(checks: Checks, list: readonly ModelMapping[] | Unset, path: string[]): { model: string; upstreamModel: string }[] | undefined {
  if (!list) return undefined;
  if (list.length === 0) checks.say(path, 'INVALID', 'It must name at least one model, or be left out for all.');
  if (list.length > 500) checks.say(path, 'TOO_LONG', 'It must have at most 500 rows.');
  return list.map((row, at) => {
    if (!isModelName(row.model)) checks.say([...path, String(at), 'model'], 'INVALID', 'It must be a model name or a pattern such as "claude-*".');
    // A pattern stands for many names: what was asked is sent.
    const upstreamModel = row.upstreamModel?.trim() || (row.model.includes('*') ? '*' : row.model);
    if (!isModelName(upstreamModel)) checks.say([...path, String(at), 'upstreamModel'], 'INVALID', 'It must be a model name.');
    return { model: row.model, upstreamModel };
  });
}

/** Checks a secret of a vendor: something that fits into a header, or what signs requests. */
export function checkSecret(checks: Checks, text: string, path: string[], auth = 'BEARER'): string {
  const secret = text.trim();
  if (auth === 'SERVICE_ACCOUNT' && secret !== '') return checkServiceAccount(checks, secret, path);
  if (secret === '') checks.say(path, 'INVALID', 'It must not be empty.');
  else if (secret.length > 4000) checks.say(path, 'TOO_LONG', 'It must have at most 4000 characters.');
  else if (!/^[\x21-\x7e]+$/.test(secret)) checks.say(path, 'INVALID', 'It must be one word of plain characters.', 'Copy it again, without line breaks.');
  else if (auth === 'SIGV4' && !/^[A-Z0-9]{16,128}:[^:]+(:[^:]+)?$/.test(secret)) checks.say(path, 'INVALID', 'It must be an access key of AWS as "access key id:secret access key", with ":session token" behind it for a temporary one.');
  else if (/^fl[kmn]_/.test(secret)) checks.say(path, 'INVALID', 'This is a secret of Fairlead, not of a vendor.');
  return secret;
}

/** A key file of a Google service account: JSON, stored in one line. */
function checkServiceAccount(checks: Checks, text: string, path: string[]): string {
  const file = parseJson(text);
  if (text.length > 10_000) checks.say(path, 'TOO_LONG', 'It must have at most 10000 characters.');
  else if (!isLoose(file) || typeof file.client_email !== 'string' || typeof file.private_key !== 'string') checks.say(path, 'INVALID', 'It must be the JSON file of a service account, with client_email and private_key.', 'Make a key of type JSON for the service account in the Google Cloud console, and give the whole file.');
  return isLoose(file) ? JSON.stringify(file) : text;
}

/** What may be shown of a vendor's secret. */
export function hintOf(secret: string): string {
  // The end of a JSON file tells nothing.
  return secret.length < 12 || secret.startsWith('{') ? '…' : `…${secret.slice(-4)}`;
}
