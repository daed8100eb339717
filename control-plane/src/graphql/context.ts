import type { Actor } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';
import type { IssueGuard } from '../domain/experience/issue-guard.ts';
import type { Pace } from '../server/pace.ts';
import type { Allowance } from '../server/points.ts';

/** Puts and takes away the sign-in cookie of the answer. */
export interface SignInCookie { set(text: string, expiresAt: Date): void; clear(): void }

/** What the server gives with every operation. */
export interface Visit { actor: Actor; address: string; userAgent: string | undefined; cookie: SignInCookie; requestId: string }

/** What every resolver gets. */
export interface Context extends Visit { domain: Domain; issueGuard: IssueGuard; /** Limits how often an address may try secrets. */ tryPace: Pace; signal: AbortSignal; /** The caller's points after this operation; absent when it is not counted. */ allowance?: Allowance }
