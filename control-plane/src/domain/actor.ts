// Pure. Who acts, with which rights; every command and every read takes one first.

/** What a member may do in the own tenant. */
export type Role = 'OWNER' | 'ADMIN' | 'BILLING' | 'DEVELOPER' | 'VIEWER';

/** Every role, the strongest first. */
export const roles: readonly Role[] = ['OWNER', 'ADMIN', 'BILLING', 'DEVELOPER', 'VIEWER'];

/** Things that rights are about. */
export const resources = ['tenants', 'members', 'tokens', 'keys', 'upstreams', 'routes', 'models', 'quotas', 'campaigns', 'pools', 'exchanges', 'usage', 'billing', 'nodes', 'audit'] as const;

/** One right, such as `keys:write`. */
export type Scope = `${(typeof resources)[number]}:${'read' | 'write'}`;

/** A signed-in member or a member's token. */
export interface MemberActor { kind: 'MEMBER' | 'TOKEN'; id: string; memberId: string; tenantId: string; role: Role; operator: boolean; scopes: readonly string[] }

/** An enrolled node whose signature was checked. */
export interface NodeActor { kind: 'NODE'; id: string; name: string; region: string; signPublicKey: string }

/** Who acts. PUBLIC is anyone, known only by an address; SYSTEM is this process itself. */
export type Actor = MemberActor | NodeActor | { kind: 'PUBLIC'; address: string } | { kind: 'SYSTEM' };

/** A refusal that is not about the input: not signed in, or without the right. */
export class AccessDenied extends Error {
  readonly code: 'UNAUTHENTICATED' | 'MISSING_SCOPE';
  readonly missingScopes: readonly string[];
  constructor(code: 'UNAUTHENTICATED' | 'MISSING_SCOPE', message: string, missingScopes: readonly string[] = []) {
    super(message);
    this.code = code;
    this.missingScopes = missingScopes;
  }
}

const reading = resources.map((name): Scope => `${name}:read`);
const rights: Record<Role, readonly string[]> = {
  OWNER: ['*'],
  ADMIN: ['*'],
  BILLING: [...reading, 'quotas:write', 'billing:write'],
  DEVELOPER: [...reading.filter((scope) => scope !== 'audit:read'), 'keys:write', 'tokens:write'],
  VIEWER: reading.filter((scope) => scope !== 'audit:read'),
};

/** Whether a scope text is one that a token may carry. */
export function isScope(text: string): boolean {
  return text === '*' || resources.some((name) => text === `${name}:read` || text === `${name}:write`);
}

const holds = (list: readonly string[], scope: Scope) => list.includes('*') || list.includes(scope) || (scope.endsWith(':read') && list.includes(scope.replace(':read', ':write')));

/** Whether the actor has this right within its tenant. */
export function may(actor: Actor, scope: Scope): boolean {
  if (actor.kind === 'SYSTEM') return true;
  if (actor.kind !== 'MEMBER' && actor.kind !== 'TOKEN') return false;
  return holds(rights[actor.role], scope) && holds(actor.scopes, scope);
}

/** The signed-in actor with this right; throws AccessDenied. */
export function requireMember(actor: Actor, scope: Scope): MemberActor {
  if (actor.kind !== 'MEMBER' && actor.kind !== 'TOKEN') throw new AccessDenied('UNAUTHENTICATED', 'Sign in, or send a management token (flm_…) as "Authorization: Bearer …".');
  if (!may(actor, scope)) throw new AccessDenied('MISSING_SCOPE', `This needs the right ${scope}.`, [scope]);
  return actor;
}

/** The node that acts; throws AccessDenied. */
export function requireNode(actor: Actor): NodeActor {
  if (actor.kind !== 'NODE') throw new AccessDenied('UNAUTHENTICATED', 'Only an enrolled node may call this, with a signed request.');
  return actor;
}

/** Whether the actor may act above all tenants. */
export function isOperator(actor: Actor): boolean {
  return actor.kind === 'SYSTEM' || ((actor.kind === 'MEMBER' || actor.kind === 'TOKEN') && actor.operator);
}

/** An operator with this right; throws AccessDenied. */
export function requireOperator(actor: Actor, scope: Scope): Actor {
  if (actor.kind === 'SYSTEM') return actor;
  const member = requireMember(actor, scope);
  if (!member.operator) throw new AccessDenied('MISSING_SCOPE', 'Only an operator may do this.', [scope]);
  return member;
}

/** Which rows a reader may see: of one tenant, or (for operators that name none) of all. */
export function tenantFilter(actor: Actor, scope: Scope): { tenantId?: string } {
  if (actor.kind === 'SYSTEM') return {};
  const member = requireMember(actor, scope);
  return member.operator ? {} : { tenantId: member.tenantId };
}
