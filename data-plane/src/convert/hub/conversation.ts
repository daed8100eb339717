// Pure. What a request says, whatever dialect it came in.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import type { Citation } from './citation.ts';
import type { Seal } from './seal.ts';

/** How long a vendor is asked to keep in its prompt cache what stands up to this mark. */
export type CacheMark = '5m' | '1h';

/** Where an image or a file comes from; an id names a file in the store of one vendor's account. */
export type Source = { readonly kind: 'data'; readonly mediaType: string; readonly data: string } | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string } | { readonly kind: 'id'; readonly id: string };

/** A piece of text, with what it is based on; a refusal is text in which the model says that it will not. */
export type TextPart = { readonly kind: 'text'; readonly text: string; readonly citations?: readonly Citation[]; readonly refusal?: true; readonly cache?: CacheMark };

/** An image; `detail` is how closely it shall be looked at. */
export type ImagePart = { readonly kind: 'image'; readonly source: Source; readonly detail?: string; readonly cache?: CacheMark };

/** A document, sound or film: its media type says which. */
export type FilePart = { readonly kind: 'file'; readonly source: Source; readonly name: string | undefined; readonly cache?: CacheMark };

/** A call of a tool; `input` is JSON text exactly as the model wrote it, or plain text where the tool is a free one. */
export type ToolCallPart = { readonly kind: 'tool-call'; readonly id: string; readonly name: string; readonly input: string; readonly seal?: Seal; readonly cache?: CacheMark };

/** What a tool gave back. */
export type ToolResultPart = { readonly kind: 'tool-result'; readonly callId: string; readonly parts: readonly (TextPart | ImagePart | FilePart)[]; readonly isError: boolean; readonly cache?: CacheMark };

/** Visible thinking, with what only its issuer can read. */
export type ThinkingPart = { readonly kind: 'thinking'; readonly text: string; readonly seal?: Seal };

/** Thinking that only its issuer can read. */
export type SealedThinkingPart = { readonly kind: 'sealed-thinking'; readonly seal: Seal };

/** Something the vendor did by itself while answering: what it was asked, and what it found. */
export type ServerToolPart = { readonly kind: 'server-tool'; readonly tool: ServerTool['kind']; readonly id: string; readonly input: string; readonly found: readonly Citation[]; readonly output: string | undefined };

/** One piece of a turn. */
export type Part = TextPart | ImagePart | FilePart | ToolCallPart | ToolResultPart | ThinkingPart | SealedThinkingPart | ServerToolPart;

/** What one side said; a system turn stands between the others, as a reminder. */
export type Turn = { readonly role: 'user' | 'assistant' | 'system'; readonly parts: readonly Part[] };

/** A tool of the client, with the JSON schema of its input; a free tool takes text instead, in a format that may be told. */
export type Tool = {
  readonly name: string;
  readonly description: string | undefined;
  readonly schema: Loose;
  readonly strict?: boolean;
  readonly free?: { readonly format: Loose | undefined };
  /** The group that a client of Responses put it in, and its name there. */
  readonly grouped?: { readonly namespace: string; readonly name: string };
  readonly cache?: CacheMark;
};

/** A tool that the vendor runs by itself. */
export type ServerTool =
  | { readonly kind: 'web-search'; readonly allowedDomains: readonly string[]; readonly blockedDomains: readonly string[]; readonly mostUses: number | undefined }
  | { readonly kind: 'web-fetch' | 'code-execution' };

/** Which tool the model may or must call; `only` narrows the choice to some. */
export type ToolChoice = { readonly kind: 'none' } | { readonly kind: 'auto' | 'any'; readonly only?: readonly string[] } | { readonly kind: 'one'; readonly name: string };

/** How much thought is asked for; a budget is in tokens. */
export type Effort = { readonly kind: 'off' } | { readonly kind: 'level'; readonly level: EffortLevel } | { readonly kind: 'budget'; readonly tokens: number };

/** Levels of effort, from the least. */
export type EffortLevel = 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** What the answer must be: any JSON object, or one that fits a schema. */
export type AnswerFormat = { readonly name: string | undefined; readonly schema: Loose | undefined; readonly strict?: boolean };

/** How a model draws its next word; what is absent is the vendor's default. */
export type Sampling = {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  /** Asks for the probability of each word, and of so many others. */
  readonly logprobs?: number;
};

/** How fast and at what price it shall be served. */
export type ServiceTier = 'auto' | 'default' | 'flex' | 'priority';

/** A request, without its vendor's accent. */
export type Conversation = {
  readonly model: string;
  readonly stream: boolean;
  readonly instructions: readonly TextPart[];
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly serverTools: readonly ServerTool[];
  readonly toolChoice: ToolChoice | undefined;
  /** False when the model must call one tool at a time. */
  readonly parallelTools: boolean;
  readonly maxOutputTokens: number | undefined;
  readonly sampling: Sampling;
  readonly stopSequences: readonly string[];
  readonly effort: Effort | undefined;
  /** Whether the client wants to see what was thought; undefined when it does not say. */
  readonly showThinking: boolean | undefined;
  readonly format: AnswerFormat | undefined;
  readonly verbosity: 'low' | 'medium' | 'high' | undefined;
  readonly serviceTier: ServiceTier | undefined;
  /** The end user, by a name that tells a vendor nothing. */
  readonly user: string | undefined;
  /** What requests with the same beginning share, so that a vendor finds its prompt cache. */
  readonly cacheKey: string | undefined;
  readonly metadata: { readonly [name: string]: string } | undefined;
  /** Fields that only the dialect they came in knows: losses everywhere else. */
  readonly extras: { readonly dialect: DialectName; readonly fields: Loose };
};

/** A conversation in which nothing is said yet: what every reader starts from. */
export const emptyConversation: Omit<Conversation, 'model' | 'stream' | 'turns' | 'extras'> = {
  instructions: [], tools: [], serverTools: [], toolChoice: undefined, parallelTools: true, maxOutputTokens: undefined, sampling: {}, stopSequences: [], effort: undefined, showThinking: undefined, format: undefined,
  verbosity: undefined, serviceTier: undefined, user: undefined, cacheKey: undefined, metadata: undefined,
};
