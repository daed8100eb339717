import { runClient, type ClientRun } from './run-client.ts';

/** The pinned Gemini CLI's program; set by the test runner when npm could install it. */
const geminiPath = process.env.FAIRLEAD_TEST_GEMINI;

/** Runs Gemini CLI once against a node, with every tool allowed; it thinks unless it is told not to. */
export async function runGeminiCli(nodeUrl: string, key: string, model: string, prompt: string, thinks = true): Promise<ClientRun> {
  if (!geminiPath) throw new Error('Gemini CLI is not installed');
  const settings = { security: { auth: { selectedType: 'gemini-api-key' } }, privacy: { usageStatisticsEnabled: false }, general: { enableAutoUpdate: false }, ...(thinks ? {} : { modelConfigs: { customOverrides: [{ match: { model }, modelConfig: { generateContentConfig: { thinkingConfig: { thinkingBudget: 0, includeThoughts: false } } } }] } }) };
  return runClient({
    program: geminiPath, args: ['-y', '-m', model, '-p', prompt],
    env: { GOOGLE_GEMINI_BASE_URL: nodeUrl, GEMINI_API_KEY: key, GEMINI_CLI_TRUST_WORKSPACE: 'true' }, files: { '.gemini/settings.json': JSON.stringify(settings) },
  });
}
