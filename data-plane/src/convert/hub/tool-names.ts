// Pure. Names of tools in the characters that the one who is asked allows, and back.
import type { Conversation, Part, ToolChoice, Turn } from './conversation.ts';
import type { ReplyEvent } from './events.ts';
import type { LossList } from './loss.ts';
import type { Reply } from './reply.ts';

/** What a dialect allows in a tool's name. */
export type NameRule = { readonly fits: RegExp; readonly mostLength: number };

/** A conversation with names that fit, and the way back for its answer. */
export type Named = {
  readonly conversation: Conversation;
  reply(reply: Reply): Reply;
  event(event: ReplyEvent): ReplyEvent;
};

/** Gives every tool a name that fits, the same for the same name; where all fit already nothing is copied. */
export function nameTools(conversation: Conversation, rule: NameRule, losses: LossList): Named {
  const names = new Set([...conversation.tools.map((tool) => tool.name), ...conversation.turns.flatMap((turn) => turn.parts.flatMap((part) => (part.kind === 'tool-call' ? [part.name] : [])))]);
  const there = new Map<string, string>();
  const back = new Map<string, string>();
  for (const name of names) {
    if (fits(name, rule)) continue;
    losses.add('tool: name');
    const plain = name.replace(/[^a-zA-Z0-9_-]/g, '_').replace(/^(?![a-zA-Z_])/, '_').slice(0, rule.mostLength) || '_';
    let unique = plain;
    for (let n = 2; names.has(unique) || back.has(unique); n++) unique = `${plain.slice(0, rule.mostLength - String(n).length - 1)}_${n}`;
    there.set(name, unique);
    back.set(unique, name);
  }
  if (there.size === 0) return { conversation, reply: (reply) => reply, event: (event) => event };
  const renamed = <T extends { readonly name: string }>(named: T): T => (there.has(named.name) ? { ...named, name: there.get(named.name) ?? named.name } : named);
  const parts = (turn: Turn): Turn => ({ ...turn, parts: turn.parts.map((part): Part => (part.kind === 'tool-call' ? renamed(part) : part)) });
  return {
    conversation: { ...conversation, tools: conversation.tools.map(renamed), turns: conversation.turns.map(parts), toolChoice: chosen(conversation.toolChoice, (name) => there.get(name) ?? name) },
    reply: (reply) => ({ ...reply, parts: reply.parts.map((part) => (part.kind === 'tool-call' ? { ...part, name: back.get(part.name) ?? part.name } : part)) }),
    event: (event) => (event.kind === 'block-start' && event.block.kind === 'tool-call' && back.has(event.block.name) ? { ...event, block: { ...event.block, name: back.get(event.block.name) ?? event.block.name } } : event),
  };
}

function fits(name: string, rule: NameRule): boolean {
  return name.length <= rule.mostLength && rule.fits.test(name);
}

function chosen(choice: ToolChoice | undefined, nameOf: (name: string) => string): ToolChoice | undefined {
  if (choice?.kind === 'one') return { ...choice, name: nameOf(choice.name) };
  return choice && 'only' in choice && choice.only ? { ...choice, only: choice.only.map(nameOf) } : choice;
}
