// Pure. The rules between messages: content, tool calls and their results, signed thinking.
import { isOurThinking } from './signature.ts';

type Block = { readonly type: string } & { readonly [field: string]: unknown };
type Message = { readonly role: string; readonly content: string | readonly Block[] };

/** What is wrong between the messages, in the vendor's wording; undefined when all fit. */
export function pairingProblem(messages: readonly Message[]): string | undefined {
  for (const [at, message] of messages.entries()) {
    const problem = emptyProblem(message, at, at === messages.length - 1) ?? thinkingProblem(message, at);
    if (problem !== undefined) return problem;
  }
  // System turns may stand between a call and its result.
  const spoken = messages.map((message, at) => ({ message, at })).filter(({ message }) => message.role !== 'system');
  for (const [place, { message, at }] of spoken.entries()) {
    const given = idsOf(spoken[place + 1]?.message, 'user', 'tool_result', 'tool_use_id');
    const missing = idsOf(message, 'assistant', 'tool_use', 'id').filter((id) => !given.includes(id));
    if (missing.length > 0) {
      return `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
    const asked = idsOf(spoken[place - 1]?.message, 'assistant', 'tool_use', 'id');
    const stray = idsOf(message, 'user', 'tool_result', 'tool_use_id').find((id) => !asked.includes(id));
    if (stray !== undefined) {
      return `messages.${at}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
  }
  return undefined;
}

function emptyProblem(message: Message, at: number, last: boolean): string | undefined {
  if (message.role === 'system') return undefined;
  const empty = typeof message.content === 'string' ? message.content === '' : message.content.length === 0;
  if (empty && !(last && message.role === 'assistant')) return `messages.${at}: all messages must have non-empty content except for the optional final assistant message`;
  if (typeof message.content !== 'string' && message.content.some((block) => block.type === 'text' && block['text'] === '')) {
    return 'messages: text content blocks must be non-empty';
  }
  return undefined;
}

function thinkingProblem(message: Message, at: number): string | undefined {
  if (typeof message.content === 'string') return undefined;
  const bad = message.content.findIndex((block) => block.type === 'thinking' && !isOurThinking(String(block['thinking']), String(block['signature'])));
  return bad < 0 ? undefined : `messages.${at}.content.${bad}: Invalid \`signature\` in \`thinking\` block`;
}

function idsOf(message: Message | undefined, role: string, type: string, field: string): string[] {
  if (message?.role !== role || typeof message.content === 'string') return [];
  return message.content.flatMap((block) => (block.type === type && typeof block[field] === 'string' ? [block[field]] : []));
}
