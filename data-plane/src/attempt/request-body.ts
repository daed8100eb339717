// Pure. What is sent to an upstream of the client's own dialect: its bytes, untouched but for named edits.
import { Buffer } from 'node:buffer';
import { listOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { foreignMarks, withoutForeignSeals } from '../convert/foreign-seals.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import { withOutputLimit } from '../journey/output-limit.ts';
import { adjusted } from './adjust.ts';
import type { RepairName } from './repair.ts';

/** A body to send, and the names of what was changed in it. */
export interface PreparedBody { bytes: Uint8Array; json: Loose; edits: string[] }

/** The same-dialect body: bytes as they came unless the model's name, the output limit or the usage option must differ, or the upstream needs something otherwise. */
export function prepareSameDialect(inbound: Inbound, ask: Ask, candidate: Candidate, repairs: readonly RepairName[] = []): PreparedBody {
  const edits: string[] = [];
  const changes: Record<string, unknown> = {};
  if (ask.dialect !== 'gemini-generate' && candidate.model !== ask.model) {
    changes.model = candidate.model;
    edits.push('model');
  }
  if (ask.metered) {
    const limited = limitOutput(inbound, ask, candidate);
    if (limited) { Object.assign(changes, limited); edits.push('output-limit'); }
    if (ask.dialect === 'openai-chat' && ask.stream && !ask.wantsUsageChunk) {
      // Without it the vendor reports no usage for a stream; the extra chunk is taken out again on the way back.
      changes.stream_options = { ...(typeof inbound.json.stream_options === 'object' ? inbound.json.stream_options : {}), include_usage: true };
      edits.push('include-usage');
    }
  }
  const own = withoutForeign(inbound, ask);
  if (own !== inbound.json) edits.push('foreign-thinking');
  const { json, edits: further } = adjusted(edits.length === 0 ? inbound.json : { ...own, ...changes }, { inbound, ask, candidate, repairs });
  edits.push(...further);
  if (edits.length === 0) return { bytes: inbound.body, json: inbound.json, edits };
  return { bytes: new TextEncoder().encode(JSON.stringify(json)), json, edits };
}

/** What upstreams of other dialects gave the client to carry means nothing to one of its own, which would refuse it. */
function withoutForeign({ body, json }: Inbound, { dialect }: Ask): Loose {
  const said = listOf(json.messages ?? json.input ?? json.contents);
  if (said.length < 2) return json;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return foreignMarks[dialect].some((mark) => bytes.includes(mark)) ? withoutForeignSeals(dialect, json) : json;
}

/** The change that keeps the answer within what was reserved; undefined when the client's own limit does. */
function limitOutput(inbound: Inbound, ask: Ask, candidate: Candidate): Record<string, unknown> | undefined {
  if (ask.maxOutputTokens !== undefined && ask.maxOutputTokens <= candidate.outputCap) return undefined;
  // Nobody bounds this key's money or output: the vendor's own default stays.
  if (ask.maxOutputTokens === undefined && !candidate.bounded) return undefined;
  const limits = withOutputLimit(ask.dialect, inbound.json, candidate.outputCap);
  return ask.dialect === 'anthropic-messages' ? { ...limits, ...thinkingWithin(inbound, candidate.outputCap) } : limits;
}

/** Anthropic refuses a thinking budget that is not below max_tokens, or is below 1,024. */
function thinkingWithin(inbound: Inbound, outputCap: number): Record<string, unknown> {
  const thinking = inbound.json.thinking;
  if (typeof thinking !== 'object' || thinking === null || !('budget_tokens' in thinking) || typeof thinking.budget_tokens !== 'number' || thinking.budget_tokens < outputCap) return {};
  return outputCap > 1_024 ? { thinking: { ...thinking, budget_tokens: outputCap - 1 } } : { thinking: { type: 'disabled' } };
}
