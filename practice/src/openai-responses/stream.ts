// Pure. Writes streamed replies of the Responses API in the vendor's order of events.
import type { ResponsesItem } from '@fairlead/shared/wire/openai-responses.ts';
import { writeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { NO_TOKENS } from '../bill.ts';
import type { Spoken, Step } from '../dialect.ts';
import type { BrokenEnding } from '../misbehaviour.ts';
import { finishedReply, openReply, outputOf } from './reply.ts';

const ARGUMENT_CHARACTERS = 24;

type Event = { readonly type: string; readonly [field: string]: unknown };

/** All events of a reply. */
export function responsesSteps(spoken: Spoken): Step[] {
  const id = spoken.newId('resp_');
  const output = outputOf(spoken);
  const finished = finishedReply(spoken, id, output);
  const events: Event[] = [
    { type: 'response.created', response: openReply(spoken, id) },
    { type: 'response.in_progress', response: openReply(spoken, id) },
    ...output.flatMap((item, at) => eventsOf(item, at, spoken.answer.pieces)),
    { type: finished.status === 'incomplete' ? 'response.incomplete' : 'response.completed', response: finished },
  ];
  return events.map((event, at) => {
    const text = writeSseFrame({ event: event.type, data: JSON.stringify({ ...event, sequence_number: at }) });
    if (at === events.length - 1) return { text, tokens: spoken.tokens, ending: true };
    return at === 0 ? { text, tokens: NO_TOKENS } : { text };
  });
}

/** The event with which a stream fails on the way. */
export function responsesBroken(ending: BrokenEnding): Step {
  const error = { code: ending.type ?? 'server_error', message: ending.message ?? 'The server had an error while processing your request.' };
  const event = { type: 'response.failed', response: { id: 'resp_failed', object: 'response', status: 'failed', output: [], error, usage: null } };
  return { text: writeSseFrame({ event: event.type, data: JSON.stringify(event) }) };
}

function eventsOf(item: ResponsesItem, at: number, pieces: readonly string[]): Event[] {
  const where = { item_id: item.id, output_index: at };
  const done = { type: 'response.output_item.done', output_index: at, item };
  const added = (open: object): Event => ({ type: 'response.output_item.added', output_index: at, item: { ...item, status: 'in_progress', ...open } });
  switch (item.type) {
    case 'message': {
      const part = { ...where, content_index: 0 };
      const text = pieces.join('');
      const [whole] = item.content;
      if (typeof whole === 'object' && whole.type === 'refusal') {
        return [
          added({ content: [] }),
          { type: 'response.content_part.added', ...part, part: { type: 'refusal', refusal: '' } },
          ...pieces.map((delta) => ({ type: 'response.refusal.delta', ...part, delta })),
          { type: 'response.refusal.done', ...part, refusal: text },
          { type: 'response.content_part.done', ...part, part: whole },
          done,
        ];
      }
      return [
        added({ content: [] }),
        { type: 'response.content_part.added', ...part, part: { type: 'output_text', text: '', annotations: [] } },
        ...pieces.map((delta) => ({ type: 'response.output_text.delta', ...part, delta })),
        { type: 'response.output_text.done', ...part, text },
        { type: 'response.content_part.done', ...part, part: { type: 'output_text', text, annotations: [] } },
        done,
      ];
    }
    case 'function_call':
      return [
        added({ arguments: '' }),
        ...cut(item.arguments).map((delta) => ({ type: 'response.function_call_arguments.delta', ...where, delta })),
        { type: 'response.function_call_arguments.done', ...where, arguments: item.arguments },
        done,
      ];
    case 'custom_tool_call':
      return [
        added({ input: '' }),
        ...cut(item.input).map((delta) => ({ type: 'response.custom_tool_call_input.delta', ...where, delta })),
        { type: 'response.custom_tool_call_input.done', ...where, input: item.input },
        done,
      ];
    case 'reasoning': {
      // What only the vendor can read comes with the end of the item.
      const open = { type: 'response.output_item.added', output_index: at, item: { type: item.type, id: item.id, summary: [] } };
      const text = item.summary.map((part) => ('text' in part ? part.text : '')).join('');
      if (text === '') return [open, done];
      const part = { ...where, summary_index: 0 };
      return [
        open,
        { type: 'response.reasoning_summary_part.added', ...part, part: { type: 'summary_text', text: '' } },
        ...cut(text).map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...part, delta })),
        { type: 'response.reasoning_summary_text.done', ...part, text },
        { type: 'response.reasoning_summary_part.done', ...part, part: { type: 'summary_text', text } },
        done,
      ];
    }
    default:
      return [added({}), done];
  }
}

function cut(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / ARGUMENT_CHARACTERS) }, (_, at) => text.slice(at * ARGUMENT_CHARACTERS, (at + 1) * ARGUMENT_CHARACTERS));
}
