// Pure. What every dialect's body comes down to, for a vendor that only simulates.
import type { Loose } from '@fairlead/shared/wire/json.ts';

/** One thing that was said; `calls` tells that the model did not finish but called tools. */
export type Turn =
  | { readonly who: 'system' | 'user' | 'tool'; readonly text: string }
  | { readonly who: 'model'; readonly text: string; readonly calls: boolean };

/** A tool that the client offers; a free one takes text instead of fields. */
export type OfferedTool = { readonly name: string; readonly namespace?: string; readonly schema: Loose | undefined; readonly free: boolean };

/** A stretch of the prompt in the order in which a cache sees it, with the mark that ends a cacheable prefix. */
export type Segment = { readonly text: string; readonly mark?: '5m' | '1h' };

/** A validated request. */
export type Prompt = {
  readonly model: string;
  readonly stream: boolean;
  readonly turns: readonly Turn[];
  readonly tools: readonly OfferedTool[];
  /** Whether the model thinks, and whether the client is shown it. */
  readonly thinking: 'off' | 'hidden' | 'shown';
  /** Whether the client is given its thinking in a form that only this vendor can read, where that is a choice. */
  readonly sealed?: boolean;
  readonly maxTokens: number | undefined;
  readonly stopSequences: readonly string[];
  /** The JSON schema that the answer must fit. */
  readonly format: Loose | undefined;
  readonly segments: readonly Segment[];
  /** Whether a Chat stream ends with a chunk for usage; other dialects always report it. */
  readonly reportUsage: boolean;
};

/** The turns that belong to the question now asked: all since the model last finished an answer. */
export function currentTurns(turns: readonly Turn[]): readonly Turn[] {
  const after = turns.findLastIndex((turn, at) => turn.who === 'model' && !turn.calls && !goesOn(turns, at));
  return turns.slice(after + 1);
}

/** Some dialects say a text and the calls that follow it in two items: then the text is not the end. */
function goesOn(turns: readonly Turn[], at: number): boolean {
  const next = turns[at + 1];
  return next === undefined || next.who === 'tool' || (next.who === 'model' && next.calls);
}
