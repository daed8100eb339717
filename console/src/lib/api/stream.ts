import { createClient } from 'graphql-sse';
import type { TypedDocumentString } from './generated/graphql.ts';

/** Follows a subscription; a broken line is taken up again, slower each time, until it is closed. */
export function follow<Result, Variables extends Record<string, unknown>>(
  document: TypedDocumentString<Result, Variables>, variables: Variables, heard: (result: Result) => void, changed: (connected: boolean) => void,
): () => void {
  const client = createClient({ url: '/graphql', singleConnection: false, credentials: 'same-origin', headers: { 'x-fairlead-console': '1' }, retryAttempts: 0 });
  let closed = false;
  let waitMs = 500;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = () => {};
  const connect = () => {
    if (closed) return;
    changed(true);
    const again = () => {
      if (closed) return;
      changed(false);
      timer = setTimeout(connect, waitMs);
      waitMs = Math.min(waitMs * 2, 15_000);
    };
    stop = client.subscribe<Result>({ query: document.toString(), variables }, {
      next: ({ data }) => { waitMs = 500; if (data && !closed) heard(data); },
      error: again,
      complete: again,
    });
  };
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    stop();
    client.dispose();
  };
}
