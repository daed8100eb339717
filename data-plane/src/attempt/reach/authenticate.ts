import { Secret } from '@fairlead/shared/crypto/secret.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Candidate } from '../../journey/candidate.ts';
import type { Transport } from '../transport/transport.ts';
import { createServiceTokens } from './service-account.ts';
import { readAwsKey, regionOf, sigV4Headers } from './sigv4.ts';

/** A call that is ready but for its credential. */
export interface Unsigned { candidate: Candidate; url: URL; headers: Record<string, string>; body: Uint8Array; secret: Secret; signal: AbortSignal }

/** The same with its credential, and what must not be read in anything that comes of it. */
export interface Presented { url: URL; headers: Record<string, string>; hidden: readonly Secret[] }

/** Presents credentials in the way each upstream wants. */
export interface Presenter {
  /** Throws CredentialUnusable when no call can be signed in with this credential. */
  present(call: Unsigned): Promise<Presented>;
  /** The upstream has refused this credential: what was derived from it is made anew. */
  refused(candidate: Candidate): void;
}

/** Opens a presenter; what it holds are access tokens. */
export function createPresenter(parts: { transport: Transport; clock: Clock }): Presenter {
  const tokens = createServiceTokens(parts);
  return {
    async present({ candidate, url, headers, body, secret, signal }) {
      const also = (more: Record<string, string>): Presented => ({ url, headers: { ...headers, ...more }, hidden: [secret] });
      switch (candidate.upstream.auth) {
        case 'BEARER': return also({ authorization: `Bearer ${secret.reveal()}` });
        case 'X_API_KEY': return also({ 'x-api-key': secret.reveal() });
        case 'X_GOOG_API_KEY': return also({ 'x-goog-api-key': secret.reveal() });
        case 'API_KEY': return also({ 'api-key': secret.reveal() });
        case 'NONE': return { url, headers, hidden: [] };
        case 'QUERY_KEY': {
          const keyed = new URL(url);
          keyed.searchParams.set('key', secret.reveal());
          return { url: keyed, headers, hidden: [secret, new Secret(encodeURIComponent(secret.reveal()))] };
        }
        case 'SIGV4': {
          const key = readAwsKey(secret.reveal());
          // AWS refuses a request that has a header of its own which is not signed.
          const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('x-amz')));
          const signature = await sigV4Headers({ method: 'POST', url, headers: signed, body, service: 'bedrock', region: regionOf(url.hostname), nowMs: parts.clock.now() }, key);
          return { url, headers: { ...headers, ...signature }, hidden: [secret, ...[key.secretAccessKey, key.sessionToken].flatMap((value) => (value === undefined ? [] : [new Secret(value)]))] };
        }
        case 'SERVICE_ACCOUNT': {
          const token = await tokens.token(candidate, secret, signal);
          return { url, headers: { ...headers, authorization: `Bearer ${token.reveal()}` }, hidden: [secret, token] };
        }
      }
    },
    refused: (candidate) => tokens.forget(candidate),
  };
}
