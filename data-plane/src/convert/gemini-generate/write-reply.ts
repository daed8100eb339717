// Pure. A Reply to a whole generateContent reply.
import type { GeminiPart, GeminiReply } from '@fairlead/shared/wire/gemini-generate.ts';
import type { ReplyFacts } from '../hub/events.ts';
import { createLossList, type Written } from '../hub/loss.ts';
import type { Reply } from '../hub/reply.ts';
import type { Seal } from '../hub/seal.ts';
import { groundingWords, type Told } from './grounding.ts';
import { logprobWords } from './logprobs.ts';
import { writeStop } from './stop-reasons.ts';
import { writeUsage } from './usage-words.ts';
import { callPart, codeParts, isCut, lastPart } from './write-parts.ts';

/** The body for a client. */
export function writeReply(reply: Reply, facts: ReplyFacts): Written<GeminiReply> {
  const losses = createLossList();
  const parts: GeminiPart[] = [];
  const cited: Told['cited'][number][] = [];
  let before: Seal[] = [];
  let whole = '';
  for (const part of reply.parts) {
    switch (part.kind) {
      case 'text': {
        const said = { startsAt: whole.length, text: part.text };
        for (const citation of part.citations ?? []) cited.push({ said, citation });
        whole += part.text;
        if (part.text !== '') parts.push({ text: part.text });
        break;
      }
      case 'thinking':
        if (part.seal) before.push({ ...part.seal, text: part.text });
        if (part.text !== '' && facts.asked.showThinking !== false) parts.push({ text: part.text, thought: true });
        break;
      case 'sealed-thinking':
        before.push(part.seal);
        break;
      case 'tool-call':
        if (isCut(part.input, reply.stop)) {
          losses.add('tool-call: cut by the limit');
          break;
        }
        parts.push(callPart(part, before, losses));
        before = [];
        break;
      case 'server-tool':
        parts.push(...codeParts(part));
    }
  }
  if (before.length > 0 || parts.length === 0) parts.push(lastPart(before));
  const logprobs = reply.parts.flatMap((part) => (part.kind === 'text' ? (part.logprobs ?? []) : []));
  const value: GeminiReply = {
    candidates: [{
      content: { role: 'model', parts }, index: 0, finishReason: writeStop(reply.stop), ...(logprobs.length > 0 && { logprobsResult: logprobWords(logprobs) }),
      ...groundingWords({ tools: reply.parts.filter((part) => part.kind === 'server-tool'), cited, whole }),
    }],
    ...(reply.reading && { usageMetadata: writeUsage(reply.reading) }),
    modelVersion: facts.model,
    responseId: reply.id || facts.replyId,
  };
  return { value, losses: losses.list() };
}
