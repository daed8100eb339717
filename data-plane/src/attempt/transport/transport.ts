// Port: how bytes reach an upstream.
import type { Signal } from '@fairlead/shared/time/stop.ts';

/** One call. */
export interface UpstreamCall { url: URL; headers: Record<string, string>; body: Uint8Array; /** Whose upstream: it decides which addresses may be called. */ owner: 'operator' | 'tenant'; signal: Signal }

/** What came back; the body must be read or cancelled by aborting the call. */
export interface UpstreamAnswer { status: number; headers: Record<string, string | string[] | undefined>; body: AsyncIterable<Uint8Array> }

/** A transport that checks every address before it connects. */
export interface Transport {
  call(call: UpstreamCall): Promise<UpstreamAnswer>;
  close(): Promise<void>;
}
