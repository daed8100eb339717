import { runClient, type ClientRun } from './run-client.ts';

/** The pinned Codex's program; set by the test runner when npm could install it. */
const codexPath = process.env.FAIRLEAD_TEST_CODEX;

/** Runs Codex once against a node. Models of other makers need a catalog entry, so only names that Codex knows get its usual tools. */
export async function runCodex(nodeUrl: string, key: string, model: string, prompt: string, settings: Record<string, string> = {}): Promise<ClientRun> {
  if (!codexPath) throw new Error('Codex is not installed');
  const config = [
    `model = ${JSON.stringify(model)}`, 'model_provider = "fairlead"', 'check_for_update_on_startup = false', ...Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
    '[analytics]', 'enabled = false',
    '[model_providers.fairlead]', 'name = "Fairlead"', `base_url = ${JSON.stringify(`${nodeUrl}/v1`)}`, 'env_key = "FAIRLEAD_KEY"', 'wire_api = "responses"', '',
  ];
  return runClient({ program: codexPath, args: ['exec', '--skip-git-repo-check', '-s', 'danger-full-access', prompt], env: { FAIRLEAD_KEY: key }, files: { '.codex/config.toml': config.join('\n') } });
}
