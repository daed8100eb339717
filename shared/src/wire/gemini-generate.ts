// Pure. The JSON of the Gemini generateContent API, as far as a gateway relies on it.
import { isLoose, textOf, type JsonObject, type JsonValue } from './json.ts';

/** A piece of a turn: exactly one of the payload fields is set. */
export type GeminiPart = {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
  readonly fileData?: { readonly mimeType?: string; readonly fileUri: string };
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args?: JsonObject };
  readonly functionResponse?: { readonly id?: string; readonly name: string; readonly response: JsonObject };
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

/** The body of `:generateContent` and `:streamGenerateContent`; the model stands in the path. */
export type GeminiRequest = {
  readonly contents: readonly GeminiContent[];
  readonly systemInstruction?: GeminiContent | string;
  readonly tools?: readonly { readonly functionDeclarations?: readonly GeminiFunction[]; readonly googleSearch?: JsonObject }[];
  readonly toolConfig?: JsonObject;
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

/** The whole reply, and also each chunk of a streamed one. */
export type GeminiReply = {
  readonly candidates?: readonly { readonly index?: number; readonly content?: GeminiContent; readonly finishReason?: string }[];
  readonly promptFeedback?: { readonly blockReason?: string };
  readonly usageMetadata?: GeminiUsage;
  readonly modelVersion?: string;
  readonly responseId?: string;
};

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
