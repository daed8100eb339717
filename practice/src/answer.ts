// Pure. Decides what is answered; the dialects only write it down.
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { textOf } from '@fairlead/shared/wire/json.ts';
import { readDirectives, type Directive } from './directives.ts';
import { conductOf, readMisbehaviour, type Conduct, type Misbehaviour } from './misbehaviour.ts';
import { currentTurns, type Prompt, type Turn } from './prompt.ts';
import { sampleJson } from './sample-json.ts';
import { firstTokens, tokensOf } from './tokens.ts';
import { callFor, type ToolCall } from './tool-call.ts';

/** What the vendor says in one reply, cut into the pieces in which it would be streamed. */
export type Answer = {
  readonly thinking: string;
  readonly pieces: readonly string[];
  /** Set where the text says that the model will not, for dialects that tell the two apart. */
  readonly refusal?: true;
  readonly calls: readonly ToolCall[];
  readonly stop: 'end' | 'tools' | 'length' | 'stop-sequence';
  readonly stopSequence: string | null;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
};

/** What the current question asks for; `problem` is set when a directive makes no sense. */
export type Wish = { readonly calls: readonly Directive[]; readonly say: string | undefined; readonly refuses?: boolean; readonly misbehave: readonly Misbehaviour[]; readonly results: readonly string[]; readonly problem: string | undefined };

const NAME = 'Simulated answer from the practice upstream';
const PIECE_CHARACTERS = 16;

/** Reads the wishes of the current question: the last user text that holds any counts, with the tool results after it. */
export function readWish(prompt: Prompt): Wish {
  const turns = currentTurns(prompt.turns);
  const at = turns.findLastIndex((turn) => turn.who === 'user' && readDirectives(turn.text).length > 0);
  const directives = readDirectives(turns[at]?.text ?? '');
  const read = directives.filter((directive) => directive.verb === 'practice').map(readMisbehaviour);
  const problems = [
    ...read.flatMap((item) => ('problem' in item ? [item.problem] : [])),
    ...directives.flatMap((directive) => (directive.verb !== 'practice' && directive.problem !== undefined ? [directive.problem] : [])),
  ];
  return {
    calls: directives.filter((directive) => directive.verb === 'call'),
    say: directives.filter((directive) => directive.verb === 'say').map((directive) => textOf(directive.options['text']) ?? '').at(-1),
    refuses: directives.some((directive) => directive.verb === 'say' && directive.options['refusal'] === true),
    misbehave: read.flatMap((item) => ('problem' in item ? [] : [item])),
    results: resultsAfter(turns, at),
    problem: problems[0],
  };
}

/** The conduct that a script's step and the prompt's own wishes come to. */
export function conductFor(wish: Wish, scripted: Misbehaviour | undefined): Conduct {
  return conductOf(scripted ? [...wish.misbehave, scripted] : wish.misbehave);
}

/** The answer to a prompt. */
export function answerTo(prompt: Prompt, wish: Wish, conduct: Conduct): Answer {
  const thinking = prompt.thinking === 'off' ? '' : 'Simulated thinking: nothing was thought about this request.';
  const reasoningTokens = tokensOf(thinking);
  if (conduct.many) {
    const pieces = Array.from({ length: conduct.many.events }, (_, at) => pieceOf(at, conduct.many?.bytes ?? 1));
    return { thinking, pieces, calls: [], stop: 'end', stopSequence: null, outputTokens: reasoningTokens + tokensOf(pieces.join('')), reasoningTokens };
  }
  const calls = wish.results.length > 0 ? [] : wish.calls.flatMap((call) => callFor(call.name, call.options, prompt.tools) ?? []);
  if (calls.length > 0) {
    const written = calls.map((call) => (typeof call.input === 'string' ? call.input : JSON.stringify(call.input))).join('');
    return { thinking, pieces: [], calls, stop: 'tools', stopSequence: null, outputTokens: reasoningTokens + tokensOf(written), reasoningTokens };
  }
  const said = textFor(prompt, wish);
  const halted = stopAt(said, prompt.stopSequences);
  const room = prompt.maxTokens === undefined ? Number.MAX_SAFE_INTEGER : prompt.maxTokens - reasoningTokens;
  const text = firstTokens(halted.text, room);
  const short = text.length < halted.text.length;
  return {
    thinking,
    pieces: piecesOf(text),
    ...(wish.refuses && { refusal: true }),
    calls: [],
    stop: short ? 'length' : halted.sequence === null ? 'end' : 'stop-sequence',
    stopSequence: short ? null : halted.sequence,
    outputTokens: reasoningTokens + tokensOf(text),
    reasoningTokens,
  };
}

function textFor(prompt: Prompt, wish: Wish): string {
  if (wish.results.length > 0 && wish.calls.length > 0) return wish.results.join('\n');
  if (prompt.format) return JSON.stringify(sampleJson(prompt.format, NAME));
  if (wish.say !== undefined) return wish.say;
  if (wish.calls.length > 0) return `${NAME}: no offered tool fits ${wish.calls.map((call) => call.name).join(', ')}.`;
  const bytes = prompt.segments.reduce((sum, segment) => sum + Buffer.byteLength(segment.text), 0);
  return `${NAME}: ${prompt.model} was sent ${bytes} bytes in ${prompt.turns.length} turns with ${prompt.tools.length} tools.`;
}

function resultsAfter(turns: readonly Turn[], at: number): string[] {
  // Parallel calls are answered together: only the results since the last call count.
  const lastCall = turns.findLastIndex((turn) => turn.who === 'model' && turn.calls);
  return turns.slice(Math.max(at, lastCall) + 1).flatMap((turn) => (turn.who === 'tool' ? [turn.text] : []));
}

function stopAt(text: string, sequences: readonly string[]): { text: string; sequence: string | null } {
  let best: { text: string; sequence: string | null } = { text, sequence: null };
  for (const sequence of sequences) {
    const at = sequence === '' ? -1 : text.indexOf(sequence);
    if (at >= 0 && at < best.text.length) best = { text: text.slice(0, at), sequence };
  }
  return best;
}

function pieceOf(at: number, bytes: number): string {
  return `${at} `.padEnd(bytes, '.').slice(0, Math.max(1, bytes));
}

function piecesOf(text: string): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / PIECE_CHARACTERS) }, (_, at) =>
    characters.slice(at * PIECE_CHARACTERS, (at + 1) * PIECE_CHARACTERS).join(''),
  );
}

/** The text that a tool's result shows, whatever its shape: a text, or a list of parts. */
export function textOfParts(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return content === undefined || content === null ? '' : JSON.stringify(content);
  return content.map((part: Loose) => textOf(part['text']) ?? (textOf(part['tool_name']) !== undefined ? `tool: ${String(part['tool_name'])}` : `[${String(part['type'])}]`)).join('\n');
}
