// Pure. The events of a text, as a part of a message.
import type { ResponsesAnnotation, ResponsesEvent, ResponsesLogprob, ResponsesPart } from '@fairlead/shared/wire/openai-responses.ts';
import type { LossList } from '../hub/loss.ts';
import { annotationWord } from './citations.ts';
import type { BlockWriter, Place } from './item-events.ts';
import { logprobWords } from './logprobs.ts';

/** A text; one in which nothing is said leaves no trace. */
export function openText(place: Place, losses: LossList): BlockWriter {
  let open: ReturnType<Place['part']> | undefined;
  let text = '';
  const annotations: ResponsesAnnotation[] = [];
  const logprobs: ResponsesLogprob[] = [];
  const begin = (): { at: ReturnType<Place['part']>; events: ResponsesEvent[] } => {
    if (open) return { at: open, events: [] };
    open = place.part();
    return { at: open, events: [...open.events, { type: 'response.content_part.added', ...open.where, part: { type: 'output_text', text: '', annotations: [], logprobs: [] } }] };
  };
  return {
    push(event) {
      switch (event.kind) {
        case 'block-delta': {
          const { at, events } = begin();
          text += event.text;
          return [...events, { type: 'response.output_text.delta', ...at.where, delta: event.text, logprobs: [] }];
        }
        case 'logprobs': {
          const { at, events } = begin();
          const words = logprobWords(event.logprobs);
          logprobs.push(...words);
          return [...events, { type: 'response.output_text.delta', ...at.where, delta: '', logprobs: words }];
        }
        case 'citation': {
          const annotation = annotationWord(event.citation, text.length, losses);
          if (!annotation) return [];
          const { at, events } = begin();
          annotations.push(annotation);
          return [...events, { type: 'response.output_text.annotation.added', ...at.where, annotation_index: annotations.length - 1, annotation }];
        }
        case 'block-end': {
          if (!open) return [];
          const part: ResponsesPart = { type: 'output_text', text, annotations, logprobs };
          open.keep(part);
          return [{ type: 'response.output_text.done', ...open.where, text, logprobs }, { type: 'response.content_part.done', ...open.where, part }];
        }
        default:
          return [];
      }
    },
  };
}

/** A refusal, which is a part of its own. */
export function openRefusal(place: Place): BlockWriter {
  let open: ReturnType<Place['part']> | undefined;
  let refusal = '';
  return {
    push(event) {
      if (event.kind === 'block-delta') {
        const first = !open;
        open ??= place.part();
        refusal += event.text;
        const added: ResponsesEvent[] = first ? [...open.events, { type: 'response.content_part.added', ...open.where, part: { type: 'refusal', refusal: '' } }] : [];
        return [...added, { type: 'response.refusal.delta', ...open.where, delta: event.text }];
      }
      if (event.kind !== 'block-end' || !open) return [];
      open.keep({ type: 'refusal', refusal });
      return [{ type: 'response.refusal.done', ...open.where, refusal }, { type: 'response.content_part.done', ...open.where, part: { type: 'refusal', refusal } }];
    },
  };
}
