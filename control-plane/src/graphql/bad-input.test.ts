import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';

let t: TestPlane;
let keyId: string;
beforeAll(async () => {
  t = await openTestPlane();
  keyId = textAt((await t.asOperator('mutation { keyCreate(input: {name: "k"}) { key { id } } }')).data, 'keyCreate', 'key', 'id');
});
afterAll(() => t.close());

const long = 'x'.repeat(500);
const none = '01M7Y5GTYDWV3S6DRSCH2MVZ81';
const cases: [string, string, string | null][] = [
  ['keyCreate(input: {name: ""})', 'INVALID', 'name'],
  [`keyCreate(input: {name: "${long}"})`, 'TOO_LONG', 'name'],
  ['keyCreate(input: {name: "k", models: ["a b"]})', 'INVALID', 'models.0'],
  ['keyCreate(input: {name: "k", maxOutputTokens: 0})', 'INVALID', 'maxOutputTokens'],
  ['keyCreate(input: {name: "k", requestsPerMinute: -5})', 'INVALID', 'requestsPerMinute'],
  ['keyCreate(input: {name: "k", concurrent: 0})', 'INVALID', 'concurrent'],
  ['keyCreate(input: {name: "k", tokensPerMinute: 0})', 'INVALID', 'tokensPerMinute'],
  ['keyCreate(input: {name: "k", sessions: -1})', 'INVALID', 'sessions'],
  ['keyCreate(input: {name: "k", clients: ["claude code"]})', 'INVALID', 'clients.0'],
  ['keyUpdate(input: {id: "KEY", tokensPerMinute: 2000000001})', 'INVALID', 'tokensPerMinute'],
  ['keyCreate(input: {name: "k", expiresAt: "2001-01-01T00:00:00Z"})', 'INVALID', 'expiresAt'],
  ['keyCreate(input: {name: "k", budget: {limit: "-1", window: DAY}})', 'INVALID', 'budget.limit'],
  ['keyCreate(input: {name: "k", budget: {limit: "0.0000000001", window: DAY}})', 'INVALID', 'budget.limit'],
  ['keyCreate(input: {name: "k", budget: {limit: "1", window: DAY, timeZone: "Moon/Dark"}})', 'INVALID', 'budget.timeZone'],
  [`keyCreate(input: {name: "k", tenantId: "ten_${none}"})`, 'NOT_FOUND', 'tenantId'],
  [`keyUpdate(input: {id: "key_${none}", name: "x"})`, 'NOT_FOUND', 'id'],
  ['keyUpdate(input: {id: "KEY", expectedVersion: 7, name: "x"})', 'STALE_VERSION', 'expectedVersion'],
  ['keyUpdate(input: {id: "KEY", status: REVOKED})', 'INVALID', 'status'],
  [`keyRevoke(input: {id: "key_${none}"})`, 'NOT_FOUND', 'id'],
  ['keyClaim(input: {code: "nothing"})', 'NOT_FOUND', 'code'],
  ['tenantCreate(input: {name: " "})', 'INVALID', 'name'],
  ['tenantCreate(input: {name: "Home"})', 'TAKEN', 'slug'],
  ['tenantCreate(input: {name: "New", ownerEmail: "nobody"})', 'INVALID', 'ownerEmail'],
  [`tenantUpdate(input: {id: "ten_${none}"})`, 'NOT_FOUND', 'id'],
  ['managementTokenCreate(input: {name: "t", scopes: []})', 'INVALID', 'scopes'],
  ['managementTokenCreate(input: {name: "t", scopes: ["keys:eat"]})', 'INVALID', 'scopes.0'],
  ['managementTokenCreate(input: {name: "t", scopes: ["*"], expiresInDays: 4000})', 'INVALID', 'expiresInDays'],
  [`managementTokenRevoke(input: {id: "mtk_${none}"})`, 'NOT_FOUND', 'id'],
  ['signInRedeem(input: {token: "wrong"})', 'NOT_FOUND', 'token'],
  [`signInLinkCreate(input: {memberId: "mem_${none}"})`, 'NOT_FOUND', 'memberId'],
  ['upstreamCreate(input: {name: "u", baseUrl: "nowhere", dialects: ["openai-chat"], secret: "sk-1"})', 'INVALID', 'baseUrl'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://user:pass@x.example", dialects: ["openai-chat"], secret: "sk-1"})', 'INVALID', 'baseUrl'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://x.example", dialects: ["latin"], secret: "sk-1"})', 'INVALID', 'dialects.0'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://x.example", dialects: ["openai-chat"]})', 'INVALID', 'secret'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://x.example", dialects: ["openai-chat"], secret: "two words"})', 'INVALID', 'secret'],
  ['upstreamCreate(input: {preset: "unheard-of", secret: "sk-1"})', 'NOT_FOUND', 'preset'],
  ['upstreamCreate(input: {name: "Practice", baseUrl: "https://x.example", dialects: ["openai-chat"], secret: "sk-1"})', 'TAKEN', 'name'],
  [`upstreamUpdate(input: {id: "ups_${none}", weight: 2})`, 'NOT_FOUND', 'id'],
  [`upstreamDelete(input: {id: "ups_${none}"})`, 'NOT_FOUND', 'id'],
  [`credentialAdd(input: {upstreamId: "ups_${none}", name: "c", secret: "sk-1"})`, 'NOT_FOUND', 'upstreamId'],
  [`credentialRotate(input: {id: "crd_${none}", secret: ""})`, 'INVALID', 'secret'],
  [`credentialRemove(input: {id: "crd_${none}"})`, 'NOT_FOUND', 'id'],
  ['modelUpsert(input: {name: "claude-*"})', 'INVALID', 'name'],
  ['priceSet(input: {modelName: "m", input: "one", output: "1"})', 'INVALID', 'input'],
  ['priceSet(input: {modelName: "m", input: "-1", output: "1"})', 'INVALID', 'input'],
  ['priceSet(input: {modelName: "m", input: "1.0000000001", output: "1"})', 'INVALID', 'input'],
  ['priceSet(input: {modelName: "m", input: "1000001", output: "1"})', 'INVALID', 'input'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", reasoning: "x"})', 'INVALID', 'reasoning'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", request: "1e3"})', 'INVALID', 'request'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", units: [{kind: "smell", price: "1"}]})', 'INVALID', 'units.0.kind'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", units: [{kind: "web-search", price: "1"}, {kind: "web-search", price: "2"}]})', 'TAKEN', 'units.1.kind'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", steps: [{fromTokens: 0, input: "1", output: "1"}]})', 'INVALID', 'steps.0.fromTokens'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", steps: [{fromTokens: 9, input: "1", output: "1"}, {fromTokens: 9, input: "1", output: "1"}]})', 'INVALID', 'steps.1.fromTokens'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", services: [{name: "standard", multiplier: "2"}]})', 'TAKEN', 'services.0.name'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", services: [{name: "two words", multiplier: "2"}]})', 'INVALID', 'services.0.name'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", services: [{name: "flex"}]})', 'INVALID', 'services.0.multiplier'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", services: [{name: "flex", multiplier: "0"}]})', 'INVALID', 'services.0.multiplier'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", services: [{name: "flex", multiplier: "100.1"}]})', 'INVALID', 'services.0.multiplier'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", services: [{name: "flex", multiplier: "1", rates: {input: "1", output: "1"}}]})', 'INVALID', 'services.0.multiplier'],
  ['priceSet(input: {modelName: "m", input: "1", output: "1", effectiveAt: "2999-01-01T00:00:00Z"})', 'INVALID', 'effectiveAt'],
  ['priceSet(input: {modelName: "claude-opus-5-5", input: "1", output: "1", effectiveAt: "2099-01-01T00:00:00Z"})', 'INVALID', 'effectiveAt'],
  ['pricePreview(input: {modelName: "m", input: "one", output: "1"})', 'INVALID', 'input'],
  ['priceReset(input: {modelName: "unheard-of"})', 'NOT_FOUND', 'modelName'],
  ['priceMultiplierSet(input: {multiplier: "2"})', 'INVALID', 'upstreamId'],
  [`priceMultiplierSet(input: {upstreamId: "ups_${none}", multiplier: "2"})`, 'NOT_FOUND', 'upstreamId'],
  [`priceMultiplierSet(input: {tenantId: "ten_${none}", multiplier: "2"})`, 'NOT_FOUND', 'tenantId'],
  [`priceMultiplierSet(input: {keyId: "key_${none}", multiplier: "2"})`, 'NOT_FOUND', 'keyId'],
  [`priceSet(input: {modelName: "m", upstreamId: "ups_${none}", input: "1", output: "1"})`, 'NOT_FOUND', 'upstreamId'],
  ['routeCreate(input: {name: "r", models: [], targets: []})', 'INVALID', 'targets'],
  [`routeCreate(input: {name: "r", models: [], targets: [{upstreamId: "ups_${none}"}]})`, 'NOT_FOUND', 'targets.0.upstreamId'],
  [`routeUpdate(input: {id: "rte_${none}"})`, 'NOT_FOUND', 'id'],
  [`routeDelete(input: {id: "rte_${none}"})`, 'NOT_FOUND', 'id'],
  ['keyCreate(input: {name: "k", tags: ["two words"]})', 'INVALID', 'tags.0'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://{resource}.openai.azure.com", dialects: ["openai-chat"], secret: "sk-1"})', 'INVALID', 'baseUrl'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://x.example", dialects: ["openai-chat"], secret: "sk-1", quirks: ["be-nice"]})', 'INVALID', 'quirks.0'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://x.example", dialects: ["openai-chat"], secret: "sk-1", headers: [{name: "Authorization", value: "Bearer x"}]})', 'INVALID', 'headers.0.name'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://x.example", dialects: ["openai-chat"], secret: "sk-1", baseUrls: [{dialect: "anthropic-messages", baseUrl: "http://10.0.0.1"}]})', 'ADDRESS_REFUSED', 'baseUrls.0.baseUrl'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://x.example", dialects: ["openai-chat"], secret: "sk-1", patience: 0})', 'INVALID', 'patience'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://x.example", dialects: ["anthropic-messages"], auth: SIGV4, secret: "sk-1"})', 'INVALID', 'secret'],
  ['upstreamCreate(input: {name: "u", baseUrl: "https://x.example", dialects: ["anthropic-messages"], auth: SERVICE_ACCOUNT, secret: "{}"})', 'INVALID', 'secret'],
  [`credentialUpdate(input: {id: "crd_${none}", concurrent: 1})`, 'NOT_FOUND', 'id'],
  ['routeCreate(input: {name: "r", models: [], targets: [], when: ""})', 'INVALID', 'when'],
  ['routeCreate(input: {name: "r", models: [], targets: [], when: "inputTokens"})', 'INVALID', 'when'],
  ['routeCreate(input: {name: "r", models: [], targets: [], hedgeAfterMs: 5})', 'INVALID', 'hedgeAfterMs'],
  ['errorRuleCreate(input: {name: "e"})', 'INVALID', 'outcome'],
  ['errorRuleCreate(input: {name: "e", outcome: FAILED, pattern: "(?=x)"})', 'INVALID', 'pattern'],
  ['errorRuleCreate(input: {name: "e", outcome: FAILED, pattern: "(x"})', 'INVALID', 'pattern'],
  ['errorRuleCreate(input: {name: "e", outcome: FAILED, pattern: ".{0,1000}[^a]"})', 'INVALID', 'pattern'],
  ['errorRuleCreate(input: {name: "e", outcome: FAILED, statuses: [7]})', 'INVALID', 'statuses.0'],
  ['errorRuleCreate(input: {name: "e", answerStatus: 200})', 'INVALID', 'answerStatus'],
  [`errorRuleUpdate(input: {id: "erl_${none}"})`, 'NOT_FOUND', 'id'],
  [`errorRuleDelete(input: {id: "erl_${none}"})`, 'NOT_FOUND', 'id'],
  [`quotaSet(input: {subject: {keyId: "key_${none}"}, limit: "1", window: DAY})`, 'NOT_FOUND', 'subject.keyId'],
  ['quotaSet(input: {subject: {keyId: "KEY"}, limit: "lots", window: DAY})', 'INVALID', 'limit'],
  [`quotaRemove(input: {id: "quo_${none}"})`, 'NOT_FOUND', 'id'],
  ['poolCreate(input: {name: "p", cap: {limit: "0", window: DAY}})', 'INVALID', 'cap.limit'],
  [`poolUpdate(input: {id: "pol_${none}"})`, 'NOT_FOUND', 'id'],
  [`campaignCreate(input: {name: "c", poolId: "pol_${none}", keyBudget: "1", keyTtlHours: 1})`, 'NOT_FOUND', 'poolId'],
  [`campaignUpdate(input: {id: "cmp_${none}"})`, 'NOT_FOUND', 'id'],
  ['experienceKeyIssue(input: {campaign: "unheard-of"})', 'NOT_FOUND', 'campaign'],
  ['nodeTokenCreate(input: {name: ""})', 'INVALID', 'name'],
  [`nodeRevoke(input: {id: "nod_${none}"})`, 'NOT_FOUND', 'id'],
  ['nodeEnroll(input: {tokenId: "x", nonce: "12345678", name: "n", signPublicKey: "AAAA", sealPublicKey: "x", runtime: "r", build: "b", proof: "p"})', 'INVALID', 'signPublicKey'],
];

test.each(cases)('%s is refused as %s at %s', async (call, code, path) => {
  const reply = await t.asOperator(`mutation { done: ${call.replaceAll('KEY"', `${keyId}"`)} { userErrors { code message path } } }`);
  expect(reply.errors).toEqual([]);
  const errors = at(reply.data, 'done', 'userErrors');
  expect(errors).toContainEqual({ code, message: expect.any(String), path: path?.split('.') ?? null });
});

test('no refusal and no error repeats a secret', async () => {
  const secret = 'sk-this must not come back';
  const reply = await t.asOperator('mutation($s: String!) { upstreamCreate(input: {name: "u", baseUrl: "https://x.example", dialects: ["openai-chat"], secret: $s}) { userErrors { message fix } } }', { s: secret });
  expect(reply.text).not.toContain('come back');
  expect(t.logLines.join()).not.toContain('come back');
});

test('what the schema does not allow is told with a code', async () => {
  expect((await t.send('{ nothing }')).errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  const wide = Array.from({ length: 100 }, (_, index) => `a${index}: exchanges(first: 200) { nodes { id charges { id } } }`).join(' ');
  expect((await t.asOperator(`{ ${wide} }`)).errors[0]?.extensions.code).toBe('COST_EXCEEDED');
});
