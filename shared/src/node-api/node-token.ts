import { fromBase64url, toBase64url } from '../crypto/base64url.ts';
import { mac } from '../crypto/seal.ts';

// The one pasted text that lets a node join: where, whose, which token, and a secret that never travels.

/** What is inside `fln_…`. */
export interface NodeToken { url: string; fleet: string; /** The fingerprint of the root it may trust first. */ trust: string; tokenId: string; secret: Uint8Array }

/** The text to paste. */
export function writeNodeToken(token: NodeToken): string {
  const head = toBase64url(new TextEncoder().encode(JSON.stringify({ u: token.url, f: token.fleet, r: token.trust, t: token.tokenId })));
  return `fln_${head}.${toBase64url(token.secret)}`;
}

/** The token in a pasted text; undefined when it is none or was cut. */
export function readNodeToken(text: string): NodeToken | undefined {
  const match = /^fln_([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/.exec(text.trim());
  if (!match) return undefined;
  try {
    const head: unknown = JSON.parse(new TextDecoder().decode(fromBase64url(match[1] ?? '')));
    const secret = fromBase64url(match[2] ?? '');
    if (typeof head !== 'object' || head === null || !('u' in head) || !('f' in head) || !('r' in head) || !('t' in head) || secret.length < 16) return undefined;
    const { u, f, r, t } = head;
    if (typeof u !== 'string' || typeof f !== 'string' || typeof r !== 'string' || typeof t !== 'string' || !URL.canParse(u)) return undefined;
    return { url: u, fleet: f, trust: r, tokenId: t, secret };
  } catch {
    return undefined;
  }
}

/** What both sides know at enrolment; a proxy that swaps a key cannot make its MAC. */
export interface EnrolmentTranscript { tokenId: string; fleet: string; nonce: string; name: string; signPublicKey: string; sealPublicKey: string }

/** The node's proof that it holds the token's secret. */
export function enrolmentProof(secret: Uint8Array, at: EnrolmentTranscript): Promise<string> {
  return mac(secret, `fairlead-enrol\n${at.tokenId}\n${at.fleet}\n${at.nonce}\n${at.name}\n${at.signPublicKey}\n${at.sealPublicKey}`);
}

/** The control plane's proof that it knows the secret too, over what it answers. */
export function enrolmentAnswerProof(secret: Uint8Array, at: EnrolmentTranscript, nodeId: string): Promise<string> {
  return mac(secret, `fairlead-enrolled\n${at.tokenId}\n${at.nonce}\n${nodeId}`);
}
