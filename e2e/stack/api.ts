/** What GraphQL answers, as parsed: a story reads it by the shape it asked for. A top-level error is thrown as ApiFailed. */
export type Data = ReturnType<typeof JSON.parse>;

/** A top-level GraphQL error. */
export class ApiFailed extends Error {
  readonly code: string | undefined;
  constructor(message: string, code: string | undefined) { super(message); this.code = code; }
}

/** The public GraphQL API as one caller uses it. */
export interface Api {
  /** Runs an operation as the signed-in owner. */
  run(query: string, variables?: Record<string, unknown>): Promise<Data>;
  /** Runs an operation as someone else; no headers = nobody. */
  as(headers: Record<string, string>): { run(query: string, variables?: Record<string, unknown>): Promise<Data> };
  /** Repeats a read until it holds. */
  until<T>(read: () => Promise<T | undefined | false>, mostMs?: number): Promise<T>;
  cookie: string;
}

/** Signs in with the one-time link and speaks for the owner. */
export async function openApi(controlUrl: string, signInUrl: string): Promise<Api> {
  const call = async (headers: Record<string, string>, query: string, variables: Record<string, unknown> = {}) => {
    const answer = await fetch(`${controlUrl}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json', ...headers }, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(20_000) });
    const body = (await answer.json()) as { data?: Data | null; errors?: { message: string; extensions?: { code?: string } }[] };
    const error = body.errors?.[0];
    if (error) throw new ApiFailed(error.message, error.extensions?.code);
    if (!body.data) throw new ApiFailed(`no data (${answer.status})`, undefined);
    return { data: body.data, cookie: answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ') };
  };
  const token = /[?#/&](?:token=)?([^/?#=&]+)$/.exec(signInUrl)?.[1] ?? '';
  const { data, cookie } = await call({}, 'mutation ($input: SignInRedeemInput!) { signInRedeem(input: $input) { viewer { role } userErrors { message } } }', { input: { token } });
  if (!data.signInRedeem.viewer) throw new Error(`sign-in failed: ${JSON.stringify(data.signInRedeem.userErrors)}`);
  const mine = { cookie, 'x-fairlead-console': '1', origin: controlUrl };
  return {
    cookie,
    run: async (query, variables) => (await call(mine, query, variables)).data,
    as: (headers) => ({ run: async (query, variables) => (await call(headers, query, variables)).data }),
    async until(read, mostMs = 10_000) {
      const deadline = Date.now() + mostMs;
      for (let last: unknown; ; ) {
        try {
          const found = await read();
          if (found !== undefined && found !== false) return found;
        } catch (error) { last = error; }
        if (Date.now() > deadline) throw new Error(`it did not come true within ${mostMs} ms${last ? `: ${String(last)}` : ''}`);
        await new Promise((go) => setTimeout(go, 50));
      }
    },
  };
}
