import { base64Between, fromBase64, fromBase64url, toBase64url } from '../crypto/base64url.ts';
import { keyIdOf, openSigner, openVerifier } from '../crypto/sign.ts';
import type { SigningKeys } from '../crypto/sign.ts';

/** What an envelope may carry; the type is part of what is signed, so one kind can never pass for another. */
export type PayloadType = 'fairlead/root/1' | 'fairlead/manifest/1' | 'fairlead/head/1' | 'fairlead/keyring/1' | 'fairlead/usage/1' | 'fairlead/traces/1' | 'fairlead/enrolment/1';

/** Why an envelope was refused. */
export type EnvelopeProblem = 'malformed' | 'too-large' | 'wrong-type' | 'unknown-signer' | 'bad-signature' | 'too-few-signatures';

/** An envelope that must not be used, with the reason. */
export class EnvelopeRefused extends Error {
  readonly problem: EnvelopeProblem;
  constructor(problem: EnvelopeProblem) { super(`envelope refused: ${problem}`); this.problem = problem; }
}

const encoder = new TextEncoder();

/** What is signed: the type and the payload's bytes, each with its length (DSSE pre-authentication encoding). */
function preAuth(type: string, body: Uint8Array): Uint8Array {
  const head = encoder.encode(`DSSEv1 ${encoder.encode(type).length} ${type} ${body.length} `);
  const all = new Uint8Array(head.length + body.length);
  all.set(head);
  all.set(body, head.length);
  return all;
}

/** A function that signs bytes as they are with these keys; the result is stored and sent byte for byte. */
export async function openSealer(...signers: readonly SigningKeys[]): Promise<(type: PayloadType, body: Uint8Array) => Promise<Uint8Array>> {
  const ready = await Promise.all(signers.map(async (keys) => ({ keyid: await keyIdOf(keys.publicKey), sign: await openSigner(keys.privateKey) })));
  return async (type, body) => {
    const signed = preAuth(type, body);
    const signatures = await Promise.all(ready.map(async ({ keyid, sign }) => `{"keyid":"${keyid}","sig":"${toBase64url(await sign(signed))}"}`));
    // Types, base64 and key ids hold nothing that JSON would write otherwise.
    return base64Between(`{"payloadType":"${type}","payload":"`, body, `","signatures":[${signatures.join(',')}]}`);
  };
}

/** Signs bytes once, with each of these keys. */
export async function sealEnvelope(type: PayloadType, body: Uint8Array, ...signers: readonly SigningKeys[]): Promise<Uint8Array> {
  return (await openSealer(...signers))(type, body);
}

/** Whose signatures count, and how many of them it takes. The algorithm is the keys', never the message's. */
export interface Trusted { keys: readonly string[]; threshold: number }

/**
 * The payload of an envelope that enough of the trusted keys signed. Throws EnvelopeRefused before anything of it is
 * parsed further. A key counts once, by the id that its own bytes give; ids of others, and repeated ones, count nothing.
 */
export async function openEnvelope(type: PayloadType, sealed: Uint8Array, trusted: Trusted, maxBytes: number): Promise<Uint8Array> {
  if (sealed.length > maxBytes) throw new EnvelopeRefused('too-large');
  const outer = parseOuter(sealed);
  if (outer.payloadType !== type) throw new EnvelopeRefused('wrong-type');
  const signed = preAuth(type, outer.body);
  const keys = new Map(await Promise.all(trusted.keys.map(async (key): Promise<[string, string]> => [await keyIdOf(key), key])));
  let known = 0;
  let valid = 0;
  for (const entry of outer.signatures) {
    const key = keys.get(entry.keyid);
    if (key === undefined) continue;
    keys.delete(entry.keyid);
    known += 1;
    const verify = await openVerifier(key).catch(() => undefined);
    if (verify && (await verify(signed, entry.sig))) valid += 1;
  }
  if (valid >= Math.max(1, trusted.threshold)) return outer.body;
  throw new EnvelopeRefused(known === 0 ? 'unknown-signer' : valid < known ? 'bad-signature' : 'too-few-signatures');
}

function parseOuter(sealed: Uint8Array): { payloadType: string; body: Uint8Array; signatures: { keyid: string; sig: Uint8Array }[] } {
  try {
    const outer: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(sealed));
    if (typeof outer !== 'object' || outer === null || !('payloadType' in outer) || !('payload' in outer) || !('signatures' in outer)) throw new TypeError();
    const { payloadType, payload, signatures } = outer;
    if (typeof payloadType !== 'string' || typeof payload !== 'string' || !Array.isArray(signatures) || signatures.length > 16) throw new TypeError();
    return {
      payloadType,
      body: fromBase64(payload),
      signatures: signatures.map((entry: unknown) => {
        if (typeof entry !== 'object' || entry === null || !('keyid' in entry) || !('sig' in entry)) throw new TypeError();
        if (typeof entry.keyid !== 'string' || typeof entry.sig !== 'string') throw new TypeError();
        return { keyid: entry.keyid, sig: fromBase64url(entry.sig) };
      }),
    };
  } catch {
    throw new EnvelopeRefused('malformed');
  }
}
