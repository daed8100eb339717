// Pure. What a wire format has to give so that the server can speak it.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { Answer } from './answer.ts';
import type { BrokenEnding } from './misbehaviour.ts';
import type { CacheRule } from './prefix-memory.ts';
import type { Prompt } from './prompt.ts';
import type { Tokens } from './tokens.ts';

/** One piece of a streamed reply, ready for the wire. */
export type Step = {
  readonly text: string;
  /** The tokens that the client knows of once it has this piece. */
  readonly tokens?: Tokens;
  /** Set on the pieces that tell that the answer is complete. */
  readonly ending?: true;
};

/** Why a request is not answered, before it is put into a vendor's shape. */
export type Refusal = { readonly status: number; readonly message: string; readonly param?: string | null; readonly code?: string | null; readonly retryAfterS?: number };

/** All that is needed to write a reply down. */
export type Spoken = {
  readonly prompt: Prompt;
  readonly answer: Answer;
  readonly tokens: Tokens;
  /** Seconds since 1970. */
  readonly atS: number;
  /** A new id that starts so. */
  readonly newId: (prefix: string) => string;
};

/** A wire format. */
export type Dialect = {
  readonly name: DialectName;
  readonly cacheRule: CacheRule;
  /** Checks a body as strictly as the vendor does; model and stream stand in the path of some dialects. */
  read(body: unknown, target: { readonly model: string | undefined; readonly stream: boolean }): { readonly prompt: Prompt } | { readonly refusal: Refusal };
  whole(spoken: Spoken): unknown;
  steps(spoken: Spoken): Step[];
  /** The reply of the endpoint that only counts. */
  counted(inputTokens: number): unknown;
  error(refusal: Refusal, newId: (prefix: string) => string): unknown;
  /** What stands in a stream that fails on the way. */
  brokenStep(ending: BrokenEnding): Step;
  unknownModel(model: string): Refusal;
  badCredential: Refusal;
  models(names: readonly string[]): unknown;
};
