// Pure. Turns a wish for a tool into a call that the client's own schema accepts.
import { isLoose, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { OfferedTool } from './prompt.ts';
import { sampleJson } from './sample-json.ts';

/** A call of an offered tool; a free tool's input is text. */
export type ToolCall = { readonly tool: OfferedTool; readonly input: Loose | string };

const SHELLS = ['bash', 'exec_command', 'run_shell_command', 'shell', 'shell_command', 'execute_command', 'run_terminal_cmd', 'terminal', 'exec'];
const COMMAND_FIELDS = ['command', 'cmd', 'script'];
const WORDS = 'Simulated by the practice upstream';

/** The call that a wish comes to; undefined when no offered tool fits. SHELL means whichever shell-like tool there is. */
export function callFor(name: string, input: Loose, tools: readonly OfferedTool[]): ToolCall | undefined {
  if (name !== 'SHELL') {
    const tool = tools.find((offered) => offered.name === name);
    return tool && { tool, input: tool.free ? (textOf(input['input']) ?? JSON.stringify(input)) : input };
  }
  const shell = SHELLS.map((known) => tools.find((offered) => offered.name.toLowerCase() === known)).find((tool) => tool !== undefined);
  return shell && { tool: shell, input: shellInput(shell, textOf(input['command']) ?? '') };
}

function shellInput(shell: OfferedTool, command: string): Loose | string {
  // A free shell tool runs JavaScript, in which the real shell is one of its functions.
  const script = `const result = await tools.exec_command(${JSON.stringify({ cmd: command })});\ntext(typeof result === "string" ? result : result.output);`;
  if (shell.free) return script;
  const properties = isLoose(shell.schema?.['properties']) ? shell.schema['properties'] : {};
  // The same, offered to a model that knows no free tools.
  if (Object.keys(properties).join() === 'input') return { input: script };
  const field = COMMAND_FIELDS.find((known) => known in properties) ?? 'command';
  const property = properties[field];
  const asList = isLoose(property) && (textOf(property['type']) ?? '').toLowerCase() === 'array';
  const sample = sampleJson(shell.schema, WORDS);
  return { ...(isLoose(sample) ? sample : {}), [field]: asList ? ['bash', '-lc', command] : command };
}
