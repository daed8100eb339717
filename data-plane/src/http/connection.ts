import type { Context } from 'hono';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { Answer } from '../journey/reply.ts';
import type { BodyLimits } from './read-inbound.ts';

/** One client connection as its runtime gives it. */
export interface Connection {
  remoteAddress: string;
  /** The whole body as it was sent, within these limits; throws a request.* Fault, or `client.left`. */
  read(limits: BodyLimits): Promise<Uint8Array>;
  /** Aborted when the client has left before the answer was whole. */
  left: Signal;
  /** Sends the answer with back-pressure; resolves when Hono may go on. */
  send(answer: Answer): Response | Promise<Response>;
}

/** How a runtime opens a connection from Hono's context. */
export type Connect = (context: Context) => Connection;
