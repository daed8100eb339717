// Pure.
import type { DialectName } from '../snapshot/snapshot.ts';

/**
 * The facts of a request that routing needs, and nothing of its content: they may be kept with an exchange and
 * planned again later. Whatever a rule may read is here.
 */
export interface AskFacts {
  /** As the client wrote it. */
  model: string;
  dialect: DialectName;
  does: 'generate' | 'count' | 'other';
  stream: boolean;
  /** An estimate: a quarter of the body's bytes, pictures counted apart as what vendors count for them. */
  inputTokens: number;
  /** What the client allows the answer to be; absent when it does not say. */
  maxOutputTokens?: number;
  /** The grade of service that the client asks for, as prices name it; absent = the usual one. */
  service?: string;
  /** How many tools it offers. */
  tools: number;
  images: boolean;
  thinking: boolean;
  webSearch: boolean;
  /** The client asked for a long context window (`[1m]`, its beta), or sends so much. */
  longContext: boolean;
  subagent: boolean;
  background: boolean;
  client?: string;
  session?: string;
  /** What a sub-agent tag in the system prompt asks for. An upstream in the model's name is read from there, with the table at hand. */
  explicit?: { upstream?: string; model?: string };
  /** The headers and single values of the body that a rule of the table names; at most 200 characters each. */
  headers?: Record<string, string>;
  body?: Record<string, string | number | boolean>;
}
