import { randomBytes } from 'node:crypto';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { systemClock } from '@fairlead/shared/time/clock.ts';
import { compose } from '../compose.ts';
import type { ControlPlane } from '../compose.ts';
import { createSignInLink } from '../domain/members/sign-in.ts';
import { createManagementToken } from '../domain/members/tokens.ts';
import { createLog } from '../log.ts';
import type { Settings } from '../settings.ts';
import { createTestDatabase } from './test-database.ts';

/** What GraphQL answered. */
export interface Reply { status: number; headers: Headers; data: Record<string, Json>; errors: { message: string; extensions: Record<string, Json> }[]; text: string }

/** A JSON value that tests may walk through without guards. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A control plane of a test's own. */
export interface TestPlane {
  plane: ControlPlane;
  dataDir: string;
  databaseUrl: string;
  logLines: string[];
  send(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Reply>;
  /** Sends as the first operator, with a management token. */
  asOperator(query: string, variables?: Record<string, unknown>): Promise<Reply>;
  close(): Promise<void>;
}

/** How a test's control plane differs from the usual one. */
export interface TestPlaneOptions { base?: string | undefined; clock?: Clock; settings?: Partial<Settings> }

/** Starts a control plane on a database of its own, with the practice upstream on. */
export async function openTestPlane(options: TestPlaneOptions = {}): Promise<TestPlane> {
  const database = await createTestDatabase(options.base);
  const logLines: string[] = [];
  const settings: Settings = {
    dataDir: database.dataDir, databaseUrl: database.url, host: '127.0.0.1', port: 0, publicUrl: undefined, nodeUrl: 'http://127.0.0.1:8787', trustedProxies: [], egressAllow: [], kek: new Uint8Array(randomBytes(32)), kekOld: [],
    practiceUrl: 'http://127.0.0.1:4411', consoleDir: undefined, keepExchangesDays: 90, apiPointsPerMinute: 5_000_000, ...options.settings,
  };
  const plane = await compose(settings, { log: createLog((line) => { logLines.push(line); }), port: () => 4400, clock: options.clock ?? systemClock, publisher: { gatherMs: 1, watchMs: 3_600_000 } });
  const send: TestPlane['send'] = async (query, variables = {}, headers = {}) => {
    const response = await plane.app.fetch(new Request('http://127.0.0.1:4400/graphql', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query, variables }) }));
    const text = await response.text();
    const body = parseReply(text);
    return { status: response.status, headers: response.headers, text, data: body.data ?? {}, errors: body.errors ?? [] };
  };
  let token: Promise<string> | undefined;
  const operatorToken = async () => {
    const owner = await plane.domain.db.client.member.findUniqueOrThrow({ where: { id: plane.seeded.ownerId } });
    return tokenFor(plane, { id: owner.id, tenantId: owner.tenantId, operator: true });
  };
  return {
    plane, dataDir: database.dataDir, databaseUrl: database.url, logLines, send,
    asOperator: async (query, variables) => send(query, variables, { authorization: `Bearer ${await (token ??= operatorToken())}` }),
    async close() {
      await plane.close();
      await database.drop();
    },
  };
}

/** A management token with all rights of a member. */
export async function tokenFor(plane: ControlPlane, member: { id: string; tenantId: string; operator: boolean }): Promise<string> {
  const made = await createManagementToken(plane.domain, { kind: 'MEMBER', id: 'sgn_test', memberId: member.id, tenantId: member.tenantId, role: 'OWNER', operator: member.operator, scopes: ['*'] }, { name: 'test', scopes: ['*'] });
  if (!made.ok) throw new Error(made.problems.map((problem) => problem.message).join(' '));
  return made.value.secret.reveal();
}

/** The secret of a fresh sign-in link for the first operator. */
export async function signInToken(plane: ControlPlane): Promise<string> {
  const made = await createSignInLink(plane.domain, { kind: 'SYSTEM' }, plane.seeded.ownerId);
  if (!made.ok) throw new Error('no link');
  return made.value.url.reveal().split('#token=')[1] ?? '';
}

/** Walks into a JSON value; a missing step is an error that names it. */
export function at(value: Json | undefined, ...path: (string | number)[]): Json {
  let here: Json | undefined = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) throw new Error(`There is nothing at ${path.join('.')} in ${JSON.stringify(value)}`);
    here = Array.isArray(here) ? here[Number(step)] : here[step];
  }
  if (here === undefined) throw new Error(`There is nothing at ${path.join('.')} in ${JSON.stringify(value)}`);
  return here;
}

/** The text at a place of a JSON value. */
export function textAt(value: Json | undefined, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new Error(`At ${path.join('.')} is no text but ${JSON.stringify(found)}`);
  return found;
}

function parseReply(text: string): { data?: Reply['data'] | null; errors?: Reply['errors'] } {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`not JSON: ${text.slice(0, 300)}`);
  }
}
