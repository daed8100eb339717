import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import { addressOf } from './address.ts';
import type { Called } from './address.ts';

const upstream: SnapshotUpstream = { id: 'ups_1', name: 'U', baseUrl: 'https://u.example', dialects: ['openai-chat'], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [] };

/** The address of one call; the upstream is given by what is special about it. */
function at({ model = 'm', dialect = 'openai-chat', does = 'generate', stream = false, ...special }: Partial<SnapshotUpstream> & Partial<Omit<Called, 'upstream'>>): string {
  return addressOf({ upstream: { ...upstream, ...special }, model, dialect, does, stream }).href;
}

test.each<[Parameters<typeof at>[0], string]>([
  [{}, 'https://u.example/v1/chat/completions'],
  [{ baseUrl: 'https://u.example/v1/' }, 'https://u.example/v1/chat/completions'],
  [{ baseUrl: 'https://u.example/api/paas/v4' }, 'https://u.example/api/paas/v4/chat/completions'],
  [{ baseUrl: 'https://u.example/x?tier=a' }, 'https://u.example/x/v1/chat/completions?tier=a'],
  [{ baseUrl: 'https://u.example/v1/openai', addressing: 'UNVERSIONED' }, 'https://u.example/v1/openai/chat/completions'],
  [{ dialect: 'anthropic-messages', does: 'count' }, 'https://u.example/v1/messages/count_tokens'],
  [{ dialect: 'anthropic-messages', baseUrls: { 'anthropic-messages': 'https://u.example/anthropic' } }, 'https://u.example/anthropic/v1/messages'],
  [{ dialect: 'gemini-generate', model: 'gemini-3-flash' }, 'https://u.example/v1beta/models/gemini-3-flash:generateContent'],
  [{ dialect: 'gemini-generate', stream: true, baseUrl: 'https://u.example/v1beta?tier=a' }, 'https://u.example/v1beta/models/m:streamGenerateContent?alt=sse&tier=a'],
  [{ dialect: 'gemini-generate', does: 'count', baseUrl: 'https://u.example/v1' }, 'https://u.example/v1/models/m:countTokens'],
  [{ dialect: 'gemini-generate', model: '../x?y' }, 'https://u.example/v1beta/models/..%2Fx%3Fy:generateContent'],
])('%j is called at %s', (special, address) => {
  expect(at(special)).toBe(address);
});

const azure = { addressing: 'AZURE_OPENAI' as const, baseUrl: 'https://r.openai.azure.com', model: 'my gpt' };
const dated = { headers: { 'api-version': '2025-04-01-preview' } };

test.each<[Parameters<typeof at>[0], string]>([
  [{}, '/openai/v1/chat/completions'],
  [{ dialect: 'openai-responses' }, '/openai/v1/responses'],
  [{ baseUrl: 'https://r.openai.azure.com/openai/v1' }, '/openai/v1/chat/completions'],
  [{ baseUrl: 'https://r.openai.azure.com/openai', dialect: 'openai-responses' }, '/openai/v1/responses'],
  [{ headers: { 'api-version': 'preview' }, dialect: 'openai-responses' }, '/openai/v1/responses?api-version=preview'],
  [dated, '/openai/deployments/my%20gpt/chat/completions?api-version=2025-04-01-preview'],
  [{ ...dated, baseUrl: 'https://r.openai.azure.com/openai' }, '/openai/deployments/my%20gpt/chat/completions?api-version=2025-04-01-preview'],
  [{ ...dated, dialect: 'openai-responses' }, '/openai/responses?api-version=2025-04-01-preview'],
  [{ ...dated, baseUrl: 'https://r.openai.azure.com/openai/v1' }, '/openai/v1/chat/completions'],
])('on Azure %j is called at %s', (special, path) => {
  expect(at({ ...azure, ...special })).toBe(`https://r.openai.azure.com${path}`);
});

const bedrock = { addressing: 'BEDROCK' as const, baseUrl: 'https://bedrock-runtime.eu-west-1.amazonaws.com', dialect: 'anthropic-messages' as const };

test.each<[Parameters<typeof at>[0], string]>([
  [{ model: 'anthropic.claude-sonnet-4-5-20250929-v1:0' }, '/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke'],
  [{ model: 'eu.anthropic.claude-haiku-4-5', stream: true }, '/model/eu.anthropic.claude-haiku-4-5/invoke-with-response-stream'],
  [{ model: 'arn:aws:bedrock:eu-west-1:1:application-inference-profile/a1' }, '/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aapplication-inference-profile%2Fa1/invoke'],
  [{ dialect: 'openai-chat' }, '/openai/v1/chat/completions'],
])('on Bedrock %j is called at %s', (special, path) => {
  expect(at({ ...bedrock, ...special })).toBe(bedrock.baseUrl + path);
});

const vertex = { addressing: 'VERTEX' as const, baseUrl: 'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5', dialect: 'anthropic-messages' as const, model: 'claude-sonnet-4-5@20250929' };

test.each<[Parameters<typeof at>[0], string]>([
  [{}, '/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict'],
  [{ stream: true }, '/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict'],
  [{ does: 'count' }, '/publishers/anthropic/models/count-tokens:rawPredict'],
  [{ dialect: 'gemini-generate', model: 'gemini-3-pro', stream: true }, '/publishers/google/models/gemini-3-pro:streamGenerateContent?alt=sse'],
  [{ dialect: 'openai-chat', model: 'meta/llama' }, '/endpoints/openapi/chat/completions'],
])('on Vertex %j is called at %s', (special, path) => {
  expect(at({ ...vertex, ...special })).toBe(vertex.baseUrl + path);
});

// As each vendor's reference names it; what a person fills in stands without its braces.
const presets: Record<string, string> = {
  'anthropic-compatible anthropic-messages': 'https://host/v1/messages',
  'anthropic anthropic-messages': 'https://api.anthropic.com/v1/messages',
  'azure-openai openai-responses': 'https://resource.openai.azure.com/openai/v1/responses',
  'azure-openai openai-chat': 'https://resource.openai.azure.com/openai/v1/chat/completions',
  'bedrock anthropic-messages': 'https://bedrock-runtime.region.amazonaws.com/model/m/invoke-with-response-stream',
  'cerebras openai-chat': 'https://api.cerebras.ai/v1/chat/completions',
  'cohere openai-chat': 'https://api.cohere.ai/compatibility/v1/chat/completions',
  'dashscope-intl openai-chat': 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions',
  'dashscope-intl anthropic-messages': 'https://dashscope-intl.aliyuncs.com/apps/anthropic/v1/messages',
  'dashscope openai-chat': 'https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions',
  'dashscope anthropic-messages': 'https://dashscope.aliyuncs.com/apps/anthropic/v1/messages',
  'deepinfra openai-chat': 'https://api.deepinfra.com/v1/openai/chat/completions',
  'deepseek openai-chat': 'https://api.deepseek.com/v1/chat/completions',
  'deepseek anthropic-messages': 'https://api.deepseek.com/anthropic/v1/messages',
  'fireworks openai-chat': 'https://api.fireworks.ai/inference/v1/chat/completions',
  'fireworks anthropic-messages': 'https://api.fireworks.ai/inference/v1/messages',
  'gemini gemini-generate': 'https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse',
  'github-models openai-chat': 'https://models.github.ai/inference/chat/completions',
  'groq openai-chat': 'https://api.groq.com/openai/v1/chat/completions',
  'groq openai-responses': 'https://api.groq.com/openai/v1/responses',
  'huggingface openai-chat': 'https://router.huggingface.co/v1/chat/completions',
  'hunyuan openai-chat': 'https://api.hunyuan.cloud.tencent.com/v1/chat/completions',
  'hyperbolic openai-chat': 'https://api.hyperbolic.xyz/v1/chat/completions',
  'llama-cpp openai-chat': 'http://127.0.0.1:8080/v1/chat/completions',
  'llama-cpp anthropic-messages': 'http://127.0.0.1:8080/v1/messages',
  'lm-studio openai-chat': 'http://127.0.0.1:1234/v1/chat/completions',
  'lm-studio anthropic-messages': 'http://127.0.0.1:1234/v1/messages',
  'lm-studio openai-responses': 'http://127.0.0.1:1234/v1/responses',
  'minimax-cn anthropic-messages': 'https://api.minimaxi.com/anthropic/v1/messages',
  'minimax-cn openai-chat': 'https://api.minimaxi.com/v1/chat/completions',
  'minimax anthropic-messages': 'https://api.minimax.io/anthropic/v1/messages',
  'minimax openai-chat': 'https://api.minimax.io/v1/chat/completions',
  'mistral openai-chat': 'https://api.mistral.ai/v1/chat/completions',
  'modelscope openai-chat': 'https://api-inference.modelscope.cn/v1/chat/completions',
  'modelscope anthropic-messages': 'https://api-inference.modelscope.cn/v1/messages',
  'moonshot-cn openai-chat': 'https://api.moonshot.cn/v1/chat/completions',
  'moonshot-cn anthropic-messages': 'https://api.moonshot.cn/anthropic/v1/messages',
  'moonshot openai-chat': 'https://api.moonshot.ai/v1/chat/completions',
  'moonshot anthropic-messages': 'https://api.moonshot.ai/anthropic/v1/messages',
  'novita openai-chat': 'https://api.novita.ai/openai/v1/chat/completions',
  'novita anthropic-messages': 'https://api.novita.ai/anthropic/v1/messages',
  'nvidia-nim openai-chat': 'https://integrate.api.nvidia.com/v1/chat/completions',
  'ollama openai-chat': 'http://127.0.0.1:11434/v1/chat/completions',
  'openai-compatible openai-chat': 'https://host/v1/chat/completions',
  'openai openai-responses': 'https://api.openai.com/v1/responses',
  'openai openai-chat': 'https://api.openai.com/v1/chat/completions',
  'openrouter openai-chat': 'https://openrouter.ai/api/v1/chat/completions',
  'openrouter anthropic-messages': 'https://openrouter.ai/api/v1/messages',
  'perplexity openai-chat': 'https://api.perplexity.ai/chat/completions',
  'ppinfra openai-chat': 'https://api.ppinfra.com/v3/openai/chat/completions',
  'practice anthropic-messages': 'http://127.0.0.1:4411/v1/messages',
  'practice openai-responses': 'http://127.0.0.1:4411/v1/responses',
  'practice openai-chat': 'http://127.0.0.1:4411/v1/chat/completions',
  'practice gemini-generate': 'http://127.0.0.1:4411/v1beta/models/m:streamGenerateContent?alt=sse',
  'qianfan openai-chat': 'https://qianfan.baidubce.com/v2/chat/completions',
  'sambanova openai-chat': 'https://api.sambanova.ai/v1/chat/completions',
  'siliconflow-intl openai-chat': 'https://api.siliconflow.com/v1/chat/completions',
  'siliconflow-intl anthropic-messages': 'https://api.siliconflow.com/v1/messages',
  'siliconflow openai-chat': 'https://api.siliconflow.cn/v1/chat/completions',
  'siliconflow anthropic-messages': 'https://api.siliconflow.cn/v1/messages',
  'stepfun openai-chat': 'https://api.stepfun.com/v1/chat/completions',
  'together openai-chat': 'https://api.together.xyz/v1/chat/completions',
  'vercel-ai-gateway anthropic-messages': 'https://ai-gateway.vercel.sh/v1/messages',
  'vercel-ai-gateway openai-responses': 'https://ai-gateway.vercel.sh/v1/responses',
  'vercel-ai-gateway openai-chat': 'https://ai-gateway.vercel.sh/v1/chat/completions',
  'vertex anthropic-messages': 'https://region-aiplatform.googleapis.com/v1/projects/project/locations/region/publishers/anthropic/models/m:streamRawPredict',
  'vllm openai-chat': 'http://127.0.0.1:8000/v1/chat/completions',
  'vllm anthropic-messages': 'http://127.0.0.1:8000/v1/messages',
  'vllm openai-responses': 'http://127.0.0.1:8000/v1/responses',
  'volcengine-ark openai-chat': 'https://ark.cn-beijing.volces.com/api/v3/chat/completions',
  'volcengine-ark openai-responses': 'https://ark.cn-beijing.volces.com/api/v3/responses',
  'xai openai-responses': 'https://api.x.ai/v1/responses',
  'xai openai-chat': 'https://api.x.ai/v1/chat/completions',
  'xiaomi-mimo openai-chat': 'https://api.xiaomimimo.com/v1/chat/completions',
  'xiaomi-mimo anthropic-messages': 'https://api.xiaomimimo.com/anthropic/v1/messages',
  'zai openai-chat': 'https://api.z.ai/api/paas/v4/chat/completions',
  'zai anthropic-messages': 'https://api.z.ai/api/anthropic/v1/messages',
  'zhipu openai-chat': 'https://open.bigmodel.cn/api/paas/v4/chat/completions',
  'zhipu anthropic-messages': 'https://open.bigmodel.cn/api/anthropic/v1/messages',
};

test('every preset leads to the address that its vendor names, in each of its dialects', () => {
  const folder = new URL('../../../../control-plane/presets/', import.meta.url);
  const found: Record<string, string> = {};
  for (const file of readdirSync(folder)) {
    const preset = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as SnapshotUpstream;
    for (const dialect of preset.dialects) found[`${preset.name} ${dialect}`] = addressOf({ upstream: { ...preset, baseUrl: preset.baseUrl.replace(/[{}]/g, '') }, dialect, model: 'm', does: 'generate', stream: true }).href;
  }
  expect(found).toEqual(presets);
});
