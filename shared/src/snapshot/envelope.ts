import { base64Between, fromBase64, fromBase64url, toBase64url } from '../crypto/base64url.ts';
import { keyIdOf, openSigner, openVerifier } from '../crypto/sign.ts';
import type { SigningKeys } from '../crypto/sign.ts';

/** What an envelope may carry; the type is part of what is signed, so one kind can never pass for another. */
export type PayloadType = 'fairlead/snapshot/1' | 'fairlead/keyring/1' | 'fairlead/usage/1' | 'fairlead/traces/1' | 'fairlead/enrolment/1';

/** Why an envelope was refused. */
export type EnvelopeProblem = 'malformed' | 'too-large' | 'wrong-type' | 'unknown-signer' | 'bad-signature';

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
export async function openSealer(keys: SigningKeys): Promise<(type: PayloadType, body: Uint8Array) => Promise<Uint8Array>> {
  const sign = await openSigner(keys.privateKey);
  const keyid = await keyIdOf(keys.publicKey);
  return async (type, body) => {
    const sig = toBase64url(await sign(preAuth(type, body)));
    // Types, base64 and key ids hold nothing that JSON would write otherwise.
    return base64Between(`{"payloadType":"${type}","payload":"`, body, `","signatures":[{"keyid":"${keyid}","sig":"${sig}"}]}`);
  };
}

/** Signs bytes once. */
export async function sealEnvelope(type: PayloadType, body: Uint8Array, keys: SigningKeys): Promise<Uint8Array> {
  return (await openSealer(keys))(type, body);
}

/** The payload of an envelope that one of `publicKeys` signed. Throws EnvelopeRefused before anything is parsed further. */
export async function openEnvelope(type: PayloadType, sealed: Uint8Array, publicKeys: readonly string[], maxBytes = 256 * 1024 * 1024): Promise<Uint8Array> {
  if (sealed.length > maxBytes) throw new EnvelopeRefused('too-large');
  const outer = parseOuter(sealed);
  if (outer.payloadType !== type) throw new EnvelopeRefused('wrong-type');
  const signed = preAuth(type, outer.body);
  let known = false;
  for (const publicKey of publicKeys) {
    const keyid = await keyIdOf(publicKey);
    for (const entry of outer.signatures) {
      if (entry.keyid !== keyid) continue;
      known = true;
      const verify = await openVerifier(publicKey);
      if (await verify(signed, entry.sig)) return outer.body;
    }
  }
  throw new EnvelopeRefused(known ? 'bad-signature' : 'unknown-signer');
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
