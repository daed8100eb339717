import type { OwnedStream } from '../stores/redis/owned-stream.ts';
import { readFrames } from './frames.ts';
import type { JournalState } from './journal-state.ts';
import { readId } from './stream-id.ts';
import type { StreamId } from './stream-id.ts';

const checkpoint = '{"t":"C"';

/**
 * Takes what a stream holds into a state; resolves to where it ends, undefined when there is none. A record that
 * cannot be read, or one that is missing between others, is damage. `onPage` runs after each page.
 */
export async function readStream(stream: Pick<OwnedStream, 'read'>, state: JournalState, onPage: () => Promise<unknown>): Promise<StreamId | undefined> {
  let last: { id: StreamId; text: string } | undefined;
  for (let page = await stream.read(undefined); page.length > 0; page = await stream.read(last?.text)) {
    for (const { id: text, bytes } of page) {
      const { records, end } = readFrames(bytes);
      const id = readId(text) ?? { epochMs: 0, number: 0 };
      // Numbers follow each other, but where the whole state was written anew.
      const follows = last !== undefined && id.epochMs === last.id.epochMs && id.number === last.id.number + 1;
      if (!follows && !records[0]?.text.startsWith(checkpoint)) state.damaged();
      for (const record of records) state.take(JSON.parse(record.text));
      if (end !== 'whole') state.damaged();
      last = { id, text };
    }
    await onPage();
  }
  return last?.id;
}
