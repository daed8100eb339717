// Pure. Writes replies of the Responses API.
import type { ResponsesItem, ResponsesReply, ResponsesUsage } from '@fairlead/shared/wire/openai-responses.ts';
import type { Spoken } from '../dialect.ts';
import type { Tokens } from '../tokens.ts';
import { encryptReasoning } from './encrypted.ts';

/** The whole reply. */
export function responsesReply(spoken: Spoken): ResponsesReply {
  return finishedReply(spoken, spoken.newId('resp_'), outputOf(spoken));
}

/** The reply as it stands at the end. */
export function finishedReply(spoken: Spoken, id: string, output: readonly ResponsesItem[]): ResponsesReply {
  const short = spoken.answer.stop === 'length';
  return {
    ...openReply(spoken, id),
    status: short ? 'incomplete' : 'completed',
    output,
    incomplete_details: short ? { reason: 'max_output_tokens' } : null,
    usage: responsesUsage(spoken.tokens),
  };
}

/** The reply as it stands at the start. */
export function openReply(spoken: Spoken, id: string): ResponsesReply {
  return { id, object: 'response', created_at: spoken.atS, status: 'in_progress', model: spoken.prompt.model, output: [], usage: null, error: null, incomplete_details: null };
}

/** The items of a reply in their order: reasoning, message, calls. */
export function outputOf(spoken: Spoken): ResponsesItem[] {
  const { answer, prompt } = spoken;
  const reasoning: ResponsesItem[] =
    answer.thinking === ''
      ? []
      : [{ type: 'reasoning', id: spoken.newId('rs_'), summary: prompt.thinking === 'shown' ? [{ type: 'summary_text', text: answer.thinking }] : [], ...(prompt.sealed && { encrypted_content: encryptReasoning(answer.thinking) }) }];
  const message: ResponsesItem[] =
    answer.pieces.length === 0
      ? []
      : [{ type: 'message', id: spoken.newId('msg_'), status: 'completed', role: 'assistant', content: [answer.refusal ? { type: 'refusal', refusal: answer.pieces.join('') } : { type: 'output_text', text: answer.pieces.join(''), annotations: [] }] }];
  const calls = answer.calls.map((call): ResponsesItem => {
    const common = { status: 'completed', call_id: spoken.newId('call_'), name: call.tool.name, ...(call.tool.namespace !== undefined && { namespace: call.tool.namespace }) };
    return typeof call.input === 'string'
      ? { type: 'custom_tool_call', id: spoken.newId('ctc_'), ...common, input: call.input }
      : { type: 'function_call', id: spoken.newId('fc_'), ...common, arguments: JSON.stringify(call.input) };
  });
  return [...reasoning, ...message, ...calls];
}

/** The vendor's form of a token count: the input includes what was cached. */
function responsesUsage(tokens: Tokens): ResponsesUsage {
  const input = tokens.input + tokens.cacheRead;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: tokens.cacheRead },
    output_tokens: tokens.output,
    output_tokens_details: { reasoning_tokens: tokens.reasoning },
    total_tokens: input + tokens.output,
  };
}
