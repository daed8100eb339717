// Pure. Writes streamed replies of the Messages API in the vendor's order of events.
import type { BlockDelta, ContentBlock, MessagesEvent } from '@fairlead/shared/wire/anthropic-messages.ts';
import { writeSseFrame } from '@fairlead/shared/wire/sse.ts';
import type { Spoken, Step } from '../dialect.ts';
import type { BrokenEnding } from '../misbehaviour.ts';
import type { Tokens } from '../tokens.ts';
import { blocksOf, STOP_REASONS, usageOf } from './reply.ts';

const ARGUMENT_CHARACTERS = 24;

/** All events of a reply. */
export function messagesSteps(spoken: Spoken): Step[] {
  const { answer, prompt, tokens } = spoken;
  // The vendor reports the prompt at once and one token of output, the rest at the end.
  const first: Tokens = { ...tokens, output: Math.min(1, tokens.output), reasoning: 0 };
  const steps: Step[] = [
    step(
      { type: 'message_start', message: { id: spoken.newId('msg_'), type: 'message', role: 'assistant', model: prompt.model, content: [], stop_reason: null, stop_sequence: null, usage: usageOf(first) } },
      first,
    ),
  ];
  for (const [index, block] of blocksOf(spoken).entries()) {
    steps.push(step({ type: 'content_block_start', index, content_block: opened(block) }));
    if (index === 0) steps.push(step({ type: 'ping' }));
    for (const delta of deltasOf(block, answer.pieces)) steps.push(step({ type: 'content_block_delta', index, delta }));
    steps.push(step({ type: 'content_block_stop', index }));
  }
  steps.push({
    ...step({ type: 'message_delta', delta: { stop_reason: STOP_REASONS[answer.stop], stop_sequence: answer.stopSequence }, usage: usageOf(tokens) }, tokens),
    ending: true,
  });
  steps.push({ ...step({ type: 'message_stop' }), ending: true });
  return steps;
}

/** The event with which a stream fails on the way. */
export function messagesBroken(ending: BrokenEnding): Step {
  return step({ type: 'error', error: { type: ending.type ?? 'overloaded_error', message: ending.message ?? 'Overloaded' } });
}

function step(event: MessagesEvent, tokens?: Tokens): Step {
  const text = writeSseFrame({ event: event.type, data: JSON.stringify(event) });
  return tokens ? { text, tokens } : { text };
}

function opened(block: ContentBlock): ContentBlock {
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  if (block.type === 'tool_use') return { ...block, input: {} };
  return block.type === 'text' ? { type: 'text', text: '' } : block;
}

function deltasOf(block: ContentBlock, pieces: readonly string[]): BlockDelta[] {
  if (block.type === 'text') return pieces.map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'thinking') {
    const shown: BlockDelta[] = block.thinking === '' ? [] : [{ type: 'thinking_delta', thinking: block.thinking }];
    return [...shown, { type: 'signature_delta', signature: block.signature ?? '' }];
  }
  if (block.type !== 'tool_use') return [];
  const json = JSON.stringify(block.input);
  const count = Math.ceil(json.length / ARGUMENT_CHARACTERS);
  const cut = Array.from({ length: count }, (_, at): BlockDelta => ({ type: 'input_json_delta', partial_json: json.slice(at * ARGUMENT_CHARACTERS, (at + 1) * ARGUMENT_CHARACTERS) }));
  return [{ type: 'input_json_delta', partial_json: '' }, ...cut];
}
