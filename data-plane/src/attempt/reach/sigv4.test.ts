import { expect, test } from 'vitest';
import { CredentialUnusable } from './credential-unusable.ts';
import { readAwsKey, regionOf, sigV4Headers } from './sigv4.ts';

// AWS's "aws4_testsuite": get-vanilla, get-vanilla-query-order-key-case, post-vanilla, post-x-www-form-urlencoded; and the worked example of the IAM reference.
const suiteKey = readAwsKey('AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY');
const suite = { headers: {}, body: new Uint8Array(), service: 'service', region: 'us-east-1', nowMs: Date.UTC(2015, 7, 30, 12, 36, 0) };

test.each<[string, Partial<Parameters<typeof sigV4Headers>[0]>, string, string]>([
  ['get-vanilla', { method: 'GET' }, 'host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['get-vanilla-query-order-key-case', { method: 'GET', url: new URL('https://example.amazonaws.com/?Param2=value2&Param1=value1') }, 'host;x-amz-date', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'],
  ['post-vanilla', {}, 'host;x-amz-date', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  ['post-x-www-form-urlencoded', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from('Param1=value1') }, 'content-type;host;x-amz-date', 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a'],
  ['ListUsers of IAM', { method: 'GET', service: 'iam', url: new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'), headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } }, 'content-type;host;x-amz-date', '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7'],
])('%s is signed as AWS publishes it', async (_name, request, signedHeaders, signature) => {
  const toSign = { method: 'POST' as const, url: new URL('https://example.amazonaws.com/'), ...suite, ...request };
  expect(await sigV4Headers(toSign, suiteKey)).toEqual({
    'x-amz-date': '20150830T123600Z',
    'authorization': `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${toSign.service}/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  });
});

test('a session token is sent and signed', async () => {
  const headers = await sigV4Headers({ method: 'POST', url: new URL('https://example.amazonaws.com/'), ...suite }, readAwsKey('AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY:the/token=='));
  expect([headers['x-amz-security-token'], headers.authorization]).toEqual(['the/token==', expect.stringContaining('SignedHeaders=host;x-amz-date;x-amz-security-token,')]);
});

test('exactly the bytes that are sent are signed, also where they are part of a larger buffer', async () => {
  const sign = (body: Uint8Array) => sigV4Headers({ method: 'POST', url: new URL('https://example.amazonaws.com/'), ...suite, body }, suiteKey);
  const large = Buffer.from('{"a":1}{"b":2}');
  expect(await sign(large.subarray(0, 7))).toEqual(await sign(Buffer.from('{"a":1}')));
  expect(await sign(large.subarray(0, 7))).not.toEqual(await sign(large));
});

test.each(['', 'AKIDEXAMPLE', ':x', 'AKIDEXAMPLE:'])('a credential like %j is unusable, and is not quoted', (text) => {
  expect(() => readAwsKey(text)).toThrow(CredentialUnusable);
  expect(() => readAwsKey(text)).toThrow(/^the credential must be "access key id:secret access key"/);
});

test.each([
  ['bedrock-runtime.eu-west-1.amazonaws.com', 'eu-west-1'], ['bedrock-runtime-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'], ['bedrock-runtime.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['vpce-0a1b2c-3d4e.bedrock-runtime.ap-southeast-2.vpce.amazonaws.com', 'ap-southeast-2'], ['bedrock-runtime.us-west-2.api.aws', 'us-west-2'], ['my-proxy-1.example.com', 'us-east-1'], ['127.0.0.1', 'us-east-1'],
])('%s is in %s', (host, region) => {
  expect(regionOf(host)).toBe(region);
});
