import { roleNames } from '@fairlead/shared/snapshot/root.ts';
import type { RoleName } from '@fairlead/shared/snapshot/root.ts';
import { rotateSigners } from '../../crypto/fleet.ts';
import type { Actor } from '../actor.ts';
import { requireOperator } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import type { Result } from '../problem.ts';

/** Gives signing roles new keys; answers with the version of the root that names them. Nodes follow by themselves. */
export async function rotateSigningKeys(domain: Domain, actor: Actor, asked: readonly RoleName[]): Promise<Result<number>> {
  requireOperator(actor, 'nodes:write');
  return runCommand(domain, actor, async (command) => {
    const roles = roleNames.filter((role) => asked.includes(role));
    const checks = new Checks();
    if (roles.length === 0) checks.say(['roles'], 'INVALID', 'Say which keys are to be changed.', 'Name at least one role.');
    checks.done();
    const version = await rotateSigners(command.tx, domain.keyring, roles, command.now.getTime());
    await command.mark('roles', String(version));
    await command.audit({ action: 'signingKeys.rotate', detail: { roles, rootVersion: version } });
    return version;
  }, { propagate: true });
}
