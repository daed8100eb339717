// Pure but for Web Crypto. Signatures of AWS, version 4.
import { AwsV4Signer } from 'aws4fetch';
import { CredentialUnusable } from './credential-unusable.ts';

/** An access key of AWS; a temporary one has a session token. */
export interface AwsKey { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

/** What is signed: all of these headers, the URL with its host, and exactly these bytes. */
export interface ToSign { method: 'GET' | 'POST'; url: URL; headers: Record<string, string>; body: Uint8Array; service: string; region: string; nowMs: number }

/** The key in a credential `access key id:secret access key[:session token]`. Throws CredentialUnusable. */
export function readAwsKey(text: string): AwsKey {
  const [accessKeyId, secretAccessKey, sessionToken] = text.trim().split(':');
  if (!accessKeyId || !secretAccessKey) throw new CredentialUnusable('the credential must be "access key id:secret access key", with ":session token" behind it for a temporary one');
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** The headers that a signed request has besides its own. */
export async function sigV4Headers(toSign: ToSign, key: AwsKey): Promise<Record<string, string>> {
  const { nowMs, url, body, ...rest } = toSign;
  const datetime = new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
  // Node's and the browser's types of bytes differ only in what may be shared between threads; these are ours alone.
  const bytes = body.buffer instanceof ArrayBuffer ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : Uint8Array.from(body);
  const signed = await new AwsV4Signer({ ...rest, ...key, url: url.href, body: bytes, datetime, allHeaders: true }).sign();
  const out: Record<string, string> = {};
  for (const name of ['authorization', 'x-amz-date', 'x-amz-security-token']) {
    const value = signed.headers.get(name);
    if (value !== null) out[name] = value;
  }
  return out;
}

/** The region in a host of AWS (`bedrock-runtime.eu-west-1.amazonaws.com`, a VPC endpoint, …); a host without one is taken for the first region. */
export function regionOf(host: string): string {
  return /(?:^|\.)bedrock[a-z-]*\.([a-z]{2,3}(?:-[a-z]+)+-\d+)\./.exec(host)?.[1] ?? 'us-east-1';
}
