// Real coding clients from npm, pinned, each installed once beside the tests.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Each client: its package, how large it is, and where its program lies. */
export const clients = {
  claude: {
    name: 'Claude Code', package: '@anthropic-ai/claude-code', version: '2.1.329', sizeMb: 360, folder: 'claude-code', env: 'FAIRLEAD_TEST_CLAUDE',
    find: (modules) => {
      const name = `claude-code-${process.platform}-${process.arch}`;
      return [join(modules, '@anthropic-ai', name, 'claude'), join(modules, '@anthropic-ai', `${name}-musl`, 'claude')];
    },
  },
  codex: { name: 'Codex', package: '@openai/codex', version: '0.169.0', sizeMb: 400, folder: 'codex', env: 'FAIRLEAD_TEST_CODEX', find: (modules) => [join(modules, '@openai', 'codex', 'bin', 'codex.js')] },
  gemini: { name: 'Gemini CLI', package: '@google/gemini-cli', version: '0.61.0', sizeMb: 100, folder: 'gemini-cli', env: 'FAIRLEAD_TEST_GEMINI', find: (modules) => [join(modules, '@google', 'gemini-cli', 'bundle', 'gemini.js'), join(modules, '@google', 'gemini-cli', 'dist', 'index.js')] },
};

/** The program of a client, installed now when it is not there yet; undefined when it cannot be had. */
export function installClient(client, say) {
  const folder = join(root, 'e2e', '.clients', `${client.folder}-${client.version}`);
  const find = () => client.find(join(folder, 'node_modules')).find((path) => existsSync(path));
  if (find()) return find();
  if (process.env.FAIRLEAD_TEST_NO_CLIENTS === '1') return undefined;
  say(`Installing ${client.name} ${client.version} for the tests (about ${client.sizeMb} MB, once) …`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['install', '--no-audit', '--no-fund', '--silent', '--ignore-scripts', `${client.package}@${client.version}`], { cwd: folder, stdio: 'ignore', shell: process.platform === 'win32', timeout: 300_000 });
  return find();
}
