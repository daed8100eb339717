// Pure. ReplyEvents to the frames of a Responses stream.
import type { ResponsesEvent } from '@fairlead/shared/wire/openai-responses.ts';
import type { ReplyFacts, StreamWriter } from '../hub/events.ts';
import { openAnswer } from './answer-events.ts';

type TextDelta = Extract<ResponsesEvent, { type: 'response.output_text.delta' }>;

/** Opens a writer for one stream; its events are numbered from 0. */
export function openWriter(facts: ReplyFacts): StreamWriter {
  const answer = openAnswer(facts);
  const headOf = openHeads();
  let sequence = 0;
  // The number goes into the text: a copy of each event would be written more slowly than the event itself.
  const textOf = (event: ResponsesEvent): string =>
    event.type === 'response.output_text.delta' && event.logprobs.length === 0
      ? `${headOf(event)}${JSON.stringify(event.delta)},"logprobs":[],"sequence_number":${sequence++}}`
      : `${JSON.stringify(event).slice(0, -1)},"sequence_number":${sequence++}}`;
  return {
    push: (event) => answer.push(event).map((one) => ({ event: one.type, data: textOf(one) })),
    losses: () => answer.losses(),
  };
}

/** What stands before the words of a text: the same for hundreds of events, so it is written once. */
function openHeads(): (event: TextDelta) => string {
  let last: TextDelta | undefined;
  let head = '';
  return (event) => {
    if (last?.item_id !== event.item_id || last.output_index !== event.output_index || last.content_index !== event.content_index) {
      const { type, item_id, output_index, content_index } = event;
      head = `${JSON.stringify({ type, item_id, output_index, content_index }).slice(0, -1)},"delta":`;
      last = event;
    }
    return head;
  };
}
