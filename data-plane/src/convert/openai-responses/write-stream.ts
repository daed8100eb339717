// Pure. ReplyEvents to the frames of a Responses stream.
import type { ReplyFacts, StreamWriter } from '../hub/events.ts';
import { openAnswer } from './answer-events.ts';

/** Opens a writer for one stream; its events are numbered from 0. */
export function openWriter(facts: ReplyFacts): StreamWriter {
  const answer = openAnswer(facts);
  let sequence = 0;
  return {
    // The number goes into the text: a copy of each event would be written more slowly than the event itself.
    push: (event) => answer.push(event).map((one) => ({ event: one.type, data: `${JSON.stringify(one).slice(0, -1)},"sequence_number":${sequence++}}` })),
    losses: () => answer.losses(),
  };
}
