// Pure. One exchange between a client and an upstream of different dialects.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import { dialectOf, type Dialect } from './dialect.ts';
import type { StreamFacts } from './hub/events.ts';
import type { Loss, Written } from './hub/loss.ts';
import type { Target } from './hub/target.ts';

/** A stream on its way back to the client. */
export type StreamConversion = {
  /** The client's frames for an upstream's frame. */
  push(frame: SseFrame): SseFrame[];
  /** The client's frames for the end of the upstream's bytes; an answer that is not whole ends with an error. */
  end(): SseFrame[];
  /** What could not be carried so far. */
  losses(): readonly Loss[];
};

/** Tells whether a client of one dialect can be served by an upstream of another. */
export function canConvert(client: DialectName, upstream: DialectName): boolean {
  return client !== upstream && dialectOf(client) !== undefined && dialectOf(upstream) !== undefined;
}

/** The upstream's body for a client's body. */
export function convertRequest(body: Loose, client: DialectName, upstream: DialectName, target: Target): Written<Loose> {
  return known(upstream).writeRequest(known(client).readRequest(body), target);
}

/** The client's body for an upstream's whole answer. */
export function convertReply(body: Loose, upstream: DialectName, client: DialectName, facts: StreamFacts): Written<Loose> {
  return known(client).writeReply(known(upstream).readReply(body), facts);
}

/** Opens the way back for a stream. */
export function openStreamConversion(upstream: DialectName, client: DialectName, facts: StreamFacts): StreamConversion {
  const reader = known(upstream).openReader();
  const writer = known(client).openWriter(facts);
  return {
    push: (frame) => reader.push(frame).flatMap((event) => writer.push(event)),
    end: () => reader.end().flatMap((event) => writer.push(event)),
    losses: () => writer.losses(),
  };
}

function known(name: DialectName): Dialect {
  const dialect = dialectOf(name);
  if (!dialect) throw new Error(`${name} cannot be converted.`);
  return dialect;
}
