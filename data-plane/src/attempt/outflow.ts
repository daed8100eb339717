// Pure. An upstream's bytes on their way to the client: untouched, or made anew frame by frame; watched either way.
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { createSseParser } from '@fairlead/shared/wire/sse.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import type { UsageReader } from '../convert/hub/stream-usage.ts';
import { openUsageReader } from '../convert/usage-reader.ts';
import { contentSize } from './content-size.ts';
import type { StreamOut } from './speak.ts';
import { looksWhole, openStreamWatch } from './stream-watch.ts';

/** One stream's way to the client. */
export interface Outflow {
  readonly usage: UsageReader;
  /** The client's bytes for the upstream's: whole frames only. */
  push(bytes: Uint8Array): Uint8Array;
  /** The client's bytes at the upstream's end; undefined when there are none. */
  end(): Uint8Array | undefined;
  contentBytes(): number;
  /** Whole frames seen. */
  frames(): number;
  /** The beginning of a frame that cannot be one. */
  malformed(): string | undefined;
}

/** Opens the way from an upstream of this dialect. */
export function openOutflow(dialect: DialectName, out: StreamOut): Outflow {
  return out.how === 'raw' ? untouched(dialect) : made(dialect, out);
}

function untouched(dialect: DialectName): Outflow {
  const watch = openStreamWatch(dialect);
  return {
    ...watch,
    end() {
      const rest = watch.end();
      // What breaks off in the middle of a frame must not garble the error that follows.
      return rest.length > 0 && watch.usage.ended() ? rest : undefined;
    },
  };
}

function made(dialect: DialectName, out: Extract<StreamOut, { how: 'frames' }>): Outflow {
  const usage = openUsageReader(dialect);
  const parser = createSseParser();
  let contentBytes = 0;
  let frameCount = 0;
  let malformed: string | undefined;
  const through = (frames: readonly SseFrame[]): Uint8Array[] => frames.map((frame) => {
    frameCount += 1;
    if (!looksWhole(frame.data)) malformed ??= frame.data.slice(0, 100);
    usage.push(frame);
    contentBytes += contentSize(dialect, frame);
    return out.push(frame);
  });
  return {
    usage,
    push: (bytes) => join(through(parser.push(bytes))),
    end() {
      const pieces = through(parser.end());
      // A converted end is written only for an answer that truly ended.
      if (usage.ended() && usage.failed() === undefined) pieces.push(out.end());
      const rest = join(pieces);
      return rest.length > 0 ? rest : undefined;
    },
    contentBytes: () => contentBytes,
    frames: () => frameCount,
    malformed: () => malformed,
  };
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0] ?? new Uint8Array();
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) { all.set(piece, at); at += piece.length; }
  return all;
}
