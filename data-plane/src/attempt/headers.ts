// Pure.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { carryHeaders } from '../convert/reply-headers.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import { azureVersionHeader } from './reach/address.ts';
import { betasOf } from './reach/betas.ts';
import type { RepairName } from './repair.ts';

// What belongs to this hop, to our own door, or would tell a vendor who stands behind the node.
const notPassedOn = new Set([
  'authorization', 'x-api-key', 'x-goog-api-key', 'host', 'content-length', 'content-encoding', 'transfer-encoding', 'connection', 'keep-alive', 'proxy-authorization', 'proxy-connection',
  'te', 'trailer', 'upgrade', 'expect', 'accept-encoding', 'cookie', 'forwarded', 'via', 'origin', 'referer', 'x-real-ip', 'true-client-ip', 'content-type', 'accept', 'user-agent',
  // Whose account is called is said by the credential alone: another's name here would get that credential refused, for everybody.
  'openai-organization', 'openai-project', 'x-goog-user-project', 'api-key',
  'x-http-method', 'x-http-method-override', 'x-method-override', 'x-original-url', 'x-rewrite-url',
]);
const foreignPrefixes = ['x-forwarded-', 'x-fairlead-', 'cf-', 'sec-', 'fly-', 'x-vercel-', 'x-amzn-', 'x-amz-'];

// What an upstream's own headers may not say: the credential, the connection and the body are the node's.
const nodesOwn = new Set([
  'authorization', 'x-api-key', 'x-goog-api-key', 'api-key', 'x-amz-security-token', 'x-amz-date', 'x-amz-content-sha256', 'cookie', 'host', 'content-length', 'content-type', 'content-encoding', 'transfer-encoding',
  'connection', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect', 'accept-encoding',
]);

// Clients send the same few names again and again.
const namesMost = 500;
function remembered(judge: (name: string) => boolean): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    let said = known.get(name);
    if (said === undefined) {
      said = judge(name);
      if (known.size < namesMost) known.set(name, said);
    }
    return said;
  };
}
const passesOn = remembered((name) => !notPassedOn.has(name) && !foreignPrefixes.some((prefix) => name.startsWith(prefix)));

/** The headers of the upstream call but for its credential: the client's own for the same dialect, only what is needed otherwise, and those of the upstream. */
export function requestHeaders(inbound: Inbound, candidate: Candidate, same: boolean, stream: boolean, repairs: readonly RepairName[]): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'accept-encoding': 'identity' };
  if (same) {
    inbound.headers.forEach((value, name) => { if (passesOn(name)) headers[name] = value; });
    const agent = inbound.headers.get('user-agent');
    if (agent) headers['user-agent'] = agent;
    const accept = inbound.headers.get('accept');
    if (accept) headers.accept = accept;
  } else {
    headers['user-agent'] = 'fairlead';
  }
  const { addressing } = candidate.upstream;
  const own = candidate.upstream.headers;
  if (own) for (const [name, value] of Object.entries(own)) {
    const lower = name.toLowerCase();
    if (!nodesOwn.has(lower) && !(addressing === 'AZURE_OPENAI' && lower === azureVersionHeader)) headers[lower] = value;
  }
  if (candidate.dialect === 'anthropic-messages') {
    const betas = betasOf(inbound, candidate, same, repairs);
    if (betas.length > 0) headers['anthropic-beta'] = betas.join(',');
    else if (headers['anthropic-beta'] !== undefined) delete headers['anthropic-beta'];
    headers['anthropic-version'] ??= '2023-06-01';
    // Clouds read both elsewhere: the version in the body, and Bedrock the betas too.
    if (addressing === 'BEDROCK' || addressing === 'VERTEX') delete headers['anthropic-version'];
    if (addressing === 'BEDROCK') {
      delete headers['anthropic-beta'];
      headers.accept = stream ? 'application/vnd.amazon.eventstream' : 'application/json';
    }
  }
  return headers;
}


/** They name the account behind the credential, which is no client's business. */
const accountNames = new Set(['anthropic-organization-id', 'openai-organization', 'openai-project']);

const passedBack = /^(request-id|x-request-id|retry-after|retry-after-ms|x-should-retry|anthropic-.*|openai-.*|x-ratelimit-.*|ratelimit.*)$/;
const passesBack = remembered((name) => passedBack.test(name) && !accountNames.has(name));

/** The headers of an upstream's answer that its client reads, under the names of the client's dialect. */
export function passHeaders(headers: Record<string, string | string[] | undefined>, upstream: DialectName, client: DialectName, nowMs: number): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || !passesBack(name)) continue;
    const text = Array.isArray(value) ? value.join(', ') : value;
    // Neither runtime writes what is not plain: one such header would lose the whole answer.
    if (/^[\t\x20-\x7e]{0,1000}$/.test(text)) out[name] = text;
  }
  return upstream === client ? out : carryHeaders(out, upstream, client, nowMs);
}
