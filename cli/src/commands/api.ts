import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError, graphql } from '../api/client.ts';

/** `fairlead api`: any GraphQL operation. */
export function addApi(program: Command): void {
  program.command('api').description('Run a GraphQL operation and print its data as JSON.').argument('<operation>', 'the operation, or - for standard input').option('-F, --field <name=value...>', 'a variable; JSON where it is some, else text', [])
    .action(async (operation: string, options: { field: string[] }) => {
      const variables: Record<string, unknown> = {};
      for (const field of options.field) {
        const at = field.indexOf('=');
        if (at < 1) throw new CliError(`"${field}" is not name=value.`, 2);
        variables[field.slice(0, at)] = parse(field.slice(at + 1));
      }
      const { data } = await graphql<unknown>(operation === '-' ? readFileSync(0, 'utf8') : operation, variables);
      process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    });
}

function parse(text: string): unknown {
  try { return JSON.parse(text); } catch { return text; }
}
