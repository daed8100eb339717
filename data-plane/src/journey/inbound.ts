import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { ResolvedEndpoint } from '../http/endpoints.ts';

/** One client request whose body has not been read: nothing is held for a caller that nobody knows. */
export interface Arrival extends Omit<Inbound, 'body' | 'text' | 'json'> {
  /** Reads and parses the body, once. Throws a request.* Fault. */
  read(): Promise<Inbound>;
}

/** One client request, read and parsed once. */
export interface Inbound {
  exchangeId: string;
  endpoint: ResolvedEndpoint;
  /** Header names in lower case; several values joined by a comma. */
  headers: ReadonlyMap<string, string>;
  query: URLSearchParams;
  /** The client's address, as far as trusted proxies tell it. */
  address: string;
  body: Uint8Array;
  /** The body as text, until it has been surveyed: a long one is not held for as long as its answer takes. */
  text?: string | undefined;
  json: Readonly<Record<string, unknown>>;
  receivedAtMs: number;
  /** Aborted when the client has left. */
  signal: Signal;
}
