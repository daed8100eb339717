import type { TypedDocumentString } from './generated/graphql.ts';

/** Why a call to the API came to nothing. */
export type FailureKind = 'offline' | 'signed-out' | 'forbidden' | 'broken';

/** A call to the API that came to nothing; refusals of a change are returned as userErrors instead. */
export class CallFailed extends Error {
  readonly kind: FailureKind;
  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CallFailed';
    this.kind = kind;
  }
}

interface Answer<Result> { data?: Result | null; errors?: readonly { message: string; extensions?: { code?: string } }[] }

/** What goes with every call, so that no other site can act with the member's cookie. */
export const callHeaders = { 'content-type': 'application/json', accept: 'application/json', 'x-fairlead-console': '1' };

/** Runs one operation of the public API; gives up after 15 s or when `signal` says so. */
export async function run<Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables, signal?: AbortSignal): Promise<Result> {
  const deadline = AbortSignal.timeout(15_000);
  let answer: Answer<Result>;
  try {
    const response = await fetch('/graphql', {
      method: 'POST', credentials: 'same-origin', headers: callHeaders, body: JSON.stringify({ query: document.toString(), variables }), signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
    answer = await response.json();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new CallFailed('offline', 'The control plane does not answer.', cause);
  }
  const [error] = answer.errors ?? [];
  if (error) throw new CallFailed(kindOf(error.extensions?.code), error.message);
  if (!answer.data) throw new CallFailed('broken', 'The control plane answered without data.');
  return answer.data;
}

function kindOf(code: string | undefined): FailureKind {
  if (code === 'UNAUTHENTICATED') return 'signed-out';
  return code === 'MISSING_SCOPE' || code === 'FORBIDDEN' ? 'forbidden' : 'broken';
}
