// Pure. The JSON of the Gemini generateContent API, as far as a gateway relies on it.
import { isLoose, textOf, type JsonObject, type JsonValue } from './json.ts';

/** A file within a body, in base64. */
export type GeminiBlob = { readonly mimeType: string; readonly data: string };

/** A file by its address: in Google's own stores, or a film on YouTube. */
export type GeminiFile = { readonly mimeType?: string; readonly fileUri: string };

/** A piece of a turn: exactly one of the payload fields is set. `thoughtSignature` is base64 that only the vendor can read. */
export type GeminiPart = {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly inlineData?: GeminiBlob;
  readonly fileData?: GeminiFile;
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args?: JsonObject };
  readonly functionResponse?: { readonly id?: string; readonly name: string; readonly response: JsonObject; readonly parts?: readonly { readonly inlineData?: GeminiBlob; readonly fileData?: GeminiFile }[] };
  readonly executableCode?: { readonly id?: string; readonly language: string; readonly code: string };
  readonly codeExecutionResult?: { readonly id?: string; readonly outcome: string; readonly output?: string };
};

/** One turn. */
export type GeminiContent = { readonly role?: 'user' | 'model' | 'function'; readonly parts: readonly GeminiPart[] };

/** A function that the client offers; the schema stands in one of two fields. */
export type GeminiFunction = {
  readonly name: string;
  readonly description?: string;
  readonly parameters?: JsonObject;
  readonly parametersJsonSchema?: JsonObject;
};

/** Tools in one list entry: the client's functions, or one of those that the vendor runs by itself. */
export type GeminiTool = { readonly functionDeclarations?: readonly GeminiFunction[]; readonly googleSearch?: JsonObject; readonly urlContext?: JsonObject; readonly codeExecution?: JsonObject };

/** Which functions the model may or must call. */
export type GeminiToolConfig = { readonly functionCallingConfig?: { readonly mode: string; readonly allowedFunctionNames?: readonly string[] } };

/** The body of `:generateContent` and `:streamGenerateContent`; the model stands in the path. */
export type GeminiRequest = {
  readonly contents: readonly GeminiContent[];
  readonly systemInstruction?: GeminiContent | string;
  readonly tools?: readonly GeminiTool[];
  readonly toolConfig?: GeminiToolConfig;
  readonly generationConfig?: { readonly [field: string]: JsonValue };
  readonly safetySettings?: readonly JsonValue[];
};

/** Tokens of one reply; `promptTokenCount` includes the cached ones, thoughts stand beside the candidates. */
export type GeminiUsage = {
  readonly promptTokenCount?: number;
  readonly candidatesTokenCount?: number;
  readonly thoughtsTokenCount?: number;
  readonly toolUsePromptTokenCount?: number;
  readonly cachedContentTokenCount?: number;
  readonly totalTokenCount?: number;
};

/** What an answer found on the web: pages, and which stretch of the text (in bytes of UTF-8) they bear out. */
export type GeminiGrounding = {
  readonly webSearchQueries?: readonly string[];
  readonly groundingChunks?: readonly { readonly web?: { readonly uri?: string; readonly title?: string } }[];
  readonly groundingSupports?: readonly { readonly segment?: { readonly partIndex?: number; readonly startIndex?: number; readonly endIndex?: number; readonly text?: string }; readonly groundingChunkIndices?: readonly number[] }[];
};

/** A word of an answer with its natural logarithm of likelihood. */
export type GeminiLogprob = { readonly token: string; readonly logProbability: number };

/** How likely the words of an answer were, and which others might have stood there. */
export type GeminiLogprobs = { readonly chosenCandidates: readonly GeminiLogprob[]; readonly topCandidates: readonly { readonly candidates: readonly GeminiLogprob[] }[] };

/** One answer of the few that may be asked for. */
export type GeminiCandidate = {
  readonly index?: number;
  readonly content?: GeminiContent;
  readonly finishReason?: string;
  readonly finishMessage?: string;
  readonly groundingMetadata?: GeminiGrounding;
  readonly urlContextMetadata?: { readonly urlMetadata?: readonly { readonly retrievedUrl?: string; readonly urlRetrievalStatus?: string }[] };
  readonly logprobsResult?: GeminiLogprobs;
};

/** The whole reply, and also each chunk of a streamed one. */
export type GeminiReply = {
  readonly candidates?: readonly GeminiCandidate[];
  readonly promptFeedback?: { readonly blockReason?: string; readonly blockReasonMessage?: string };
  readonly usageMetadata?: GeminiUsage;
  readonly modelVersion?: string;
  readonly responseId?: string;
};

/** What stands on a call where no signature is to be had: the vendor documents it for calls that it did not make itself. */
export const GEMINI_NO_SIGNATURE = 'skip_thought_signature_validator';

/** An error body. */
export type GeminiError = {
  readonly error: { readonly code: number; readonly message: string; readonly status: string; readonly details?: readonly JsonValue[] };
};

/** Tells whether a body has what every generate request needs. */
export function isGeminiRequest(value: unknown): value is GeminiRequest {
  return isLoose(value) && Array.isArray(value['contents']);
}

/** Tells whether a body or chunk is a reply; an empty object is one, with nothing in it. */
export function isGeminiReply(value: unknown): value is GeminiReply {
  return isLoose(value) && value['error'] === undefined;
}

/** Tells whether a body or chunk is an error. */
export function isGeminiError(value: unknown): value is GeminiError {
  return isLoose(value) && isLoose(value['error']) && textOf(value['error']['message']) !== undefined;
}
