// Pure. An upstream's bytes on their way to the client: untouched, or made anew frame by frame; watched either way.
import { Buffer } from 'node:buffer';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { createSseParser, writeSseFrames } from '@fairlead/shared/wire/sse.ts';
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
  const through = (frames: readonly SseFrame[], into: SseFrame[]): void => {
    for (const frame of frames) {
      frameCount += 1;
      if (!looksWhole(frame.data)) malformed ??= frame.data.slice(0, 100);
      usage.push(frame);
      contentBytes += contentSize(dialect, frame);
      for (const made of out.push(frame)) into.push(made);
    }
  };
  return {
    usage,
    // What came together is written together: one piece of bytes for all of it.
    push(bytes) {
      const frames: SseFrame[] = [];
      through(parser.push(bytes), frames);
      return Buffer.from(writeSseFrames(frames));
    },
    end() {
      const frames: SseFrame[] = [];
      through(parser.end(), frames);
      // A converted end is written only for an answer that truly ended.
      if (usage.ended() && usage.failed() === undefined) frames.push(...out.end());
      return frames.length > 0 ? Buffer.from(writeSseFrames(frames)) : undefined;
    },
    contentBytes: () => contentBytes,
    frames: () => frameCount,
    malformed: () => malformed,
  };
}
