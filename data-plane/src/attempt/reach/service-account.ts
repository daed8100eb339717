// Access tokens for Google's service accounts: asked for once, kept until shortly before their end.
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { signServiceJwt } from '@fairlead/shared/crypto/service-jwt.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { Stop } from '@fairlead/shared/time/stop.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import { objectOf, parseJson, textOf } from '@fairlead/shared/wire/json.ts';
import type { Candidate } from '../../journey/candidate.ts';
import { briefly, readAll } from '../read-body.ts';
import { AddressRefused } from '@fairlead/shared/egress/rules.ts';
import type { Transport } from '../transport/transport.ts';
import { CredentialUnusable } from './credential-unusable.ts';

/** Tokens of service accounts, one refresh at a time for each. */
export interface ServiceTokens {
  /** A token that is good for some minutes yet. Throws CredentialUnusable, AddressRefused, or the signal's reason. */
  token(candidate: Candidate, keyFile: Secret, signal: Signal): Promise<Secret>;
  /** Forgets a token that was refused. */
  forget(candidate: Candidate): void;
}

interface Held { token: Secret; untilMs: number }

const googleEndpoint = 'https://oauth2.googleapis.com/token';
const scope = 'https://www.googleapis.com/auth/cloud-platform';
/** A token is asked for anew this long before its end. */
const earlyMs = 5 * 60_000;
const deadlineMs = 10_000;
const heldMost = 10_000;
const answerCapBytes = 64 * 1024;

/** Opens the tokens of one node. */
export function createServiceTokens(parts: { transport: Transport; clock: Clock }): ServiceTokens {
  const { clock } = parts;
  const held = new Map<string, Held>();
  const coming = new Map<string, Promise<Secret>>();

  const begin = (name: string, candidate: Candidate, keyFile: Secret): Promise<Secret> => {
    const asking = ask(candidate, keyFile, parts).then((fresh) => {
      if (held.size >= heldMost) held.clear();
      held.set(name, fresh);
      return fresh.token;
    }).finally(() => coming.delete(name));
    asking.catch(() => undefined); // everyone who waited for it may have left
    coming.set(name, asking);
    return asking;
  };

  return {
    async token(candidate, keyFile, signal) {
      const name = nameOf(candidate);
      const known = held.get(name);
      if (known && known.untilMs - earlyMs > clock.now()) return known.token;
      try {
        return await unlessAborted(coming.get(name) ?? begin(name, candidate, keyFile), signal);
      } catch (cause) {
        // The old one is good until its end, whatever hinders the new one.
        if (known && known.untilMs > clock.now() && !signal.aborted) return known.token;
        throw cause;
      }
    },
    forget(candidate) { held.delete(nameOf(candidate)); },
  };
}

function nameOf({ upstream, credential }: Candidate): string {
  return `${upstream.id}|${credential.id}|${credential.version}`;
}

/** Asks the token endpoint. Nobody's leaving ends it, since others may wait for the same token; its deadline does. */
async function ask({ upstream }: Candidate, keyFile: Secret, { transport, clock }: { transport: Transport; clock: Clock }): Promise<Held> {
  const file = objectOf(parseJson(keyFile.reveal()));
  const issuer = textOf(file?.client_email);
  const privateKey = textOf(file?.private_key);
  if (!file || issuer === undefined || privateKey === undefined) throw new CredentialUnusable('the credential must be the JSON file of a service account, with client_email and private_key');
  const url = endpointOf(textOf(file.token_uri), upstream.baseUrl);
  const nowMs = clock.now();
  const issuedAtS = Math.floor(nowMs / 1000);
  const assertion = await signServiceJwt(privateKey, { issuer, audience: url.href, scope, issuedAtS, expiresAtS: issuedAtS + 3_600, keyId: textOf(file.private_key_id) }).catch(() => {
    throw new CredentialUnusable('the private_key of the service account is no RSA key in PKCS #8');
  });
  const over = new Stop();
  const late = clock.sleep(deadlineMs, over.signal).then(() => over.abort(new CredentialUnusable(`the token endpoint ${url.host} did not answer within ${deadlineMs / 1000} s`)), () => undefined);
  try {
    const body = new TextEncoder().encode(new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString());
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'accept': 'application/json', 'accept-encoding': 'identity', 'user-agent': 'fairlead' };
    const answer = await unlessAborted(transport.call({ url, headers, body, owner: upstream.tenant === undefined ? 'operator' : 'tenant', signal: over.signal }), over.signal);
    const bytes = await unlessAborted(Promise.resolve(readAll(answer.body, answerCapBytes)), over.signal);
    const text = new TextDecoder().decode(bytes);
    const said = objectOf(parseJson(text));
    const token = textOf(said?.access_token);
    if (answer.status !== 200 || token === undefined || token === '') throw new CredentialUnusable(`the token endpoint ${url.host} answered ${answer.status}: ${briefly(new TextEncoder().encode(text.replaceAll(assertion, '[secret]')))}`);
    const seconds = typeof said?.expires_in === 'number' && said.expires_in > 0 ? said.expires_in : 3_600;
    return { token: new Secret(token), untilMs: nowMs + seconds * 1000 };
  } catch (cause) {
    if (cause instanceof CredentialUnusable || cause instanceof AddressRefused || (cause instanceof Error && cause.cause instanceof AddressRefused)) throw cause;
    throw new CredentialUnusable(`the token endpoint ${url.host} cannot be reached`, { cause });
  } finally {
    over.abort(new Error('done'));
    await late;
  }
}

/** Where to ask: at Google, or at the upstream's own origin. A key file must not choose who learns what the node signs. */
function endpointOf(tokenUri: string | undefined, baseUrl: string): URL {
  const url = URL.canParse(tokenUri ?? googleEndpoint) ? new URL(tokenUri ?? googleEndpoint) : undefined;
  const googles = url?.protocol === 'https:' && /(?:^|\.)googleapis\.com$/.test(url.hostname);
  if (url && (googles || url.origin === new URL(baseUrl).origin)) return url;
  throw new CredentialUnusable(`the token_uri of the service account is neither Google's nor the provider's own address; take the line out to use ${googleEndpoint}`);
}

function unlessAborted<Value>(coming: Promise<Value>, signal: Signal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    coming.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
