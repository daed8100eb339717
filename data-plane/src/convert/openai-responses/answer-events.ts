// Pure. ReplyEvents to the events of a Responses reply, in the vendor's order; a whole reply is what they add up to.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { ResponsesEvent, ResponsesItem, ResponsesPart, ResponsesReply } from '@fairlead/shared/wire/openai-responses.ts';
import type { BlockKind, ReplyEvent, ReplyFacts } from '../hub/events.ts';
import { openInOrder } from '../hub/in-order.ts';
import { createLossList, type Loss } from '../hub/loss.ts';
import type { Stop } from '../hub/stop-reason.ts';
import { echoOf } from './echo.ts';
import { faultEvent, streamFaultOf } from './faults.ts';
import { openBlock, type BlockWriter } from './item-events.ts';
import { incompleteReason } from './stop-reasons.ts';
import { callForms } from './tool-words.ts';
import { writeUsage } from './usage-words.ts';

/** Writes one reply. */
export type AnswerWriter = {
  push(event: ReplyEvent): ResponsesEvent[];
  /** The reply as it stands. */
  reply(): ResponsesReply;
  losses(): readonly Loss[];
};

/** A message that more text may be added to. */
type Message = { readonly id: string; readonly at: number; readonly parts: ResponsesPart[] };

/** Opens a writer. Texts that follow each other are parts of one message; it ends where something else begins. */
export function openAnswer(facts: ReplyFacts): AnswerWriter {
  const losses = createLossList();
  const inOrder = openInOrder();
  const formOf = callForms(facts.asked.tools);
  const echo = echoOf(facts.asked);
  const output: ResponsesItem[] = [];
  let items = 0;
  let message: Message | undefined;
  let block: BlockWriter | undefined;
  let id: string | undefined;
  let over = false;
  let reading: Reading | undefined;
  let stop: Stop = { reason: 'unknown', raw: undefined, sequence: undefined };

  const response = (status: ResponsesReply['status'] = 'in_progress'): ResponsesReply => {
    const reason = status === 'incomplete' ? incompleteReason(stop) : undefined;
    return {
      id: id ?? facts.replyId, object: 'response', created_at: facts.createdS, status, error: null, incomplete_details: reason === undefined ? null : { reason }, model: facts.model,
      output: status === 'in_progress' ? [] : output, usage: status === 'in_progress' || !reading ? null : writeUsage(reading), ...echo,
    };
  };
  const start = (given: string): ResponsesEvent[] => {
    if (id !== undefined) return [];
    id = given || facts.replyId;
    return [{ type: 'response.created', response: response() }, { type: 'response.in_progress', response: response() }];
  };
  const add = (item: ResponsesItem, at: number): ResponsesEvent => ({ type: 'response.output_item.added', output_index: at, item });
  const done = (item: ResponsesItem, at: number): ResponsesEvent => {
    output.push(item);
    return { type: 'response.output_item.done', output_index: at, item };
  };
  const endMessage = (): ResponsesEvent[] => {
    const ended = message;
    message = undefined;
    return ended ? [done({ type: 'message', id: ended.id, status: 'completed', role: 'assistant', content: ended.parts }, ended.at)] : [];
  };
  const place = {
    idOf: (prefix: string, at: number) => `${prefix}_${facts.replyId.replace(/^resp_/, '')}_${at}`,
    item(prefix: string, opening: (itemId: string) => ResponsesItem) {
      const ended = endMessage();
      const at = items++;
      const itemId = place.idOf(prefix, at);
      return { where: { item_id: itemId, output_index: at }, events: [...ended, add(opening(itemId), at)] };
    },
    done: (item: ResponsesItem, at: number) => [done(item, at)],
    part() {
      const events: ResponsesEvent[] = [];
      if (!message) {
        const at = items++;
        message = { id: place.idOf('msg', at), at, parts: [] };
        events.push(add({ type: 'message', id: message.id, status: 'in_progress', role: 'assistant', content: [] }, at));
      }
      const { parts } = message;
      return { where: { item_id: message.id, output_index: message.at, content_index: parts.length }, events, keep: (part: ResponsesPart) => { parts.push(part); } };
    },
  };
  const ofBlock = (kind: BlockKind, event: ReplyEvent): ResponsesEvent[] => {
    block = openBlock(kind, place, formOf, losses);
    return block.push(event);
  };
  const take = (event: ReplyEvent): ResponsesEvent[] => {
    switch (event.kind) {
      case 'start':
        return start(event.id);
      case 'block-start':
        return [...start(''), ...ofBlock(event.block, event)];
      case 'block-delta':
      case 'seal':
      case 'citation':
      case 'logprobs':
      case 'found':
      case 'block-end':
        return block?.push(event) ?? [];
      case 'reading':
        reading = event.reading;
        return [];
      case 'keep-alive':
        return id === undefined ? start('') : [{ type: 'response.in_progress', response: response() }];
      case 'stop':
        stop = event.stop;
        return [];
      case 'end': {
        over = true;
        const before = [...start(''), ...endMessage()];
        const cut = incompleteReason(stop) !== undefined;
        return [...before, cut ? { type: 'response.incomplete', response: response('incomplete') } : { type: 'response.completed', response: response('completed') }];
      }
      case 'fault':
        over = true;
        return [...start(''), faultEvent(streamFaultOf(event.status, event.message), event.message, response('failed'))];
    }
  };

  return {
    push(event) {
      if (over) return [];
      const events = inOrder(event);
      const [only] = events;
      return only && events.length === 1 ? take(only) : events.flatMap(take);
    },
    reply: () => response(incompleteReason(stop) === undefined ? 'completed' : 'incomplete'),
    losses: () => losses.list(),
  };
}
