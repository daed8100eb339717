#!/usr/bin/env node
import { Command } from 'commander';
import { CliError } from './api/client.ts';
import { addApi } from './commands/api.ts';
import { addBilling } from './commands/billing.ts';
import { addKeys } from './commands/keys/keys.ts';
import { addLogin } from './commands/login.ts';
import { addNodes } from './commands/nodes/nodes.ts';
import { addQuotas } from './commands/quotas/quotas.ts';
import { addRequests } from './commands/requests/requests.ts';
import { addRoute } from './commands/route/route.ts';
import { addStatus } from './commands/status.ts';
import { addTenants } from './commands/tenants/tenants.ts';
import { addTry } from './commands/try.ts';
import { addUpstreams } from './commands/upstreams/upstreams.ts';
import { addUsage } from './commands/usage.ts';

const program = new Command('fairlead')
  .description('Try, run and look after Fairlead. Commands talk to the control plane at FAIRLEAD_URL (default http://127.0.0.1:4400).')
  .showHelpAfterError('(add --help for what there is)')
  .exitOverride();

for (const add of [addTry, addStatus, addLogin, addKeys, addUpstreams, addRoute, addQuotas, addTenants, addRequests, addUsage, addBilling, addNodes, addApi]) add(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CliError) {
    process.stderr.write(`${error.message}\n${error.next ? `${error.next}\n` : ''}`);
    process.exitCode = error.exitCode;
  } else if (error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number') {
    // commander has said what is wrong already; help and version end with 0.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
