// Pure. How much thought is asked for, in this dialect's words.
import type { MessagesMessage, MessagesThinking } from '@fairlead/shared/wire/anthropic-messages.ts';
import type { Conversation } from '../hub/conversation.ts';
import type { LossList } from '../hub/loss.ts';

const LEAST_BUDGET = 1_024;

/** What decides whether this vendor can think about a request. */
export type ThinkingAt = { readonly maxTokens: number; /** A tool must be called. */ readonly forced: boolean; readonly messages: readonly MessagesMessage[] };

/** The fields that ask for thinking; none where it is off or cannot be. */
export function thinkingOf({ effort, showThinking }: Conversation, { maxTokens, forced, messages }: ThinkingAt, losses: LossList): { thinking?: MessagesThinking; output?: { effort: string } } {
  if (effort === undefined || effort.kind === 'off') return {};
  if (forced) {
    // The vendor refuses to think when a tool is forced.
    losses.add('effort: beside a forced tool');
    return {};
  }
  const display = showThinking === undefined ? {} : { display: showThinking ? 'summarized' : 'omitted' };
  if (effort.kind === 'level') return { thinking: { type: 'adaptive', ...display }, output: { effort: effort.level === 'minimal' ? 'low' : effort.level } };
  const budget = Math.min(effort.tokens, maxTokens - 1);
  if (budget < LEAST_BUDGET) {
    losses.add('effort: no room for thinking');
    return {};
  }
  if (loopsWithoutThinking(messages)) {
    losses.add('effort: earlier thinking is missing');
    return {};
  }
  return { thinking: { type: 'enabled', budget_tokens: budget, ...display } };
}

/** With a budget this vendor demands that an answer whose calls are being answered begins with the thinking that led to them. */
function loopsWithoutThinking(messages: readonly MessagesMessage[]): boolean {
  const last = messages.at(-1);
  const before = messages.at(-2);
  if (last?.role !== 'user' || before?.role !== 'assistant' || typeof last.content === 'string' || typeof before.content === 'string') return false;
  const [first] = before.content;
  return last.content.some((block) => block.type === 'tool_result') && first?.type !== 'thinking' && first?.type !== 'redacted_thinking';
}
