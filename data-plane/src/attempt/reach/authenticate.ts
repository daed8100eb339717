import { Secret } from '@fairlead/shared/crypto/secret.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { Candidate } from '../../journey/candidate.ts';
import type { Transport } from '../transport/transport.ts';
import { createServiceTokens } from './service-account.ts';
import { readAwsKey, regionOf, sigV4Headers } from './sigv4.ts';

/** A call that is ready but for its credential. */
export interface Unsigned { candidate: Candidate; url: URL; headers: Record<string, string>; body: Uint8Array; secret: Secret; signal: Signal }

/** The same with its credential, and what must not be read in anything that comes of it. */
export interface Presented { url: URL; headers: Record<string, string>; hidden: readonly Secret[] }

/** Presents credentials in the way each upstream wants. */
export interface Presenter {
  /** Throws CredentialUnusable when no call can be signed in with this credential. */
  present(call: Unsigned): Presented | Promise<Presented>;
  /** The upstream has refused this credential: what was derived from it is made anew. */
  refused(candidate: Candidate): void;
}

/** Opens a presenter; what it holds are access tokens. */
export function createPresenter(parts: { transport: Transport; clock: Clock }): Presenter {
  const tokens = createServiceTokens(parts);
  return {
    present(call) {
      const { url, headers, secret } = call;
      switch (call.candidate.upstream.auth) {
        case 'BEARER': return { url, headers: { ...headers, authorization: `Bearer ${secret.reveal()}` }, hidden: [secret] };
        case 'X_API_KEY': return { url, headers: { ...headers, 'x-api-key': secret.reveal() }, hidden: [secret] };
        case 'X_GOOG_API_KEY': return { url, headers: { ...headers, 'x-goog-api-key': secret.reveal() }, hidden: [secret] };
        case 'API_KEY': return { url, headers: { ...headers, 'api-key': secret.reveal() }, hidden: [secret] };
        case 'NONE': return { url, headers, hidden: [] };
        case 'QUERY_KEY': {
          const keyed = new URL(url);
          keyed.searchParams.set('key', secret.reveal());
          return { url: keyed, headers, hidden: [secret, new Secret(encodeURIComponent(secret.reveal()))] };
        }
        case 'SIGV4': return signed(call, parts.clock);
        case 'SERVICE_ACCOUNT': return tokens.token(call.candidate, secret, call.signal).then((token) => ({ url, headers: { ...headers, authorization: `Bearer ${token.reveal()}` }, hidden: [secret, token] }));
      }
    },
    refused: (candidate) => tokens.forget(candidate),
  };
}

async function signed({ url, headers, body, secret }: Unsigned, clock: Clock): Promise<Presented> {
  const key = readAwsKey(secret.reveal());
  // AWS refuses a request that has a header of its own which is not signed.
  const covered = Object.fromEntries(Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('x-amz')));
  const signature = await sigV4Headers({ method: 'POST', url, headers: covered, body, service: 'bedrock', region: regionOf(url.hostname), nowMs: clock.now() }, key);
  return { url, headers: { ...headers, ...signature }, hidden: [secret, ...[key.secretAccessKey, key.sessionToken].flatMap((value) => (value === undefined ? [] : [new Secret(value)]))] };
}
