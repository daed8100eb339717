import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { toBase64url } from '@fairlead/shared/crypto/base64url.ts';
import { newSealingKeys } from '@fairlead/shared/crypto/seal.ts';
import { newSigningKeys } from '@fairlead/shared/crypto/sign.ts';
import { enrolmentAnswerProof, enrolmentProof, readNodeToken } from '@fairlead/shared/node-api/node-token.ts';
import { nodeEnroll } from '@fairlead/shared/node-api/operations.ts';
import type { NodeEnrollInput, NodeEnrollPayload } from '@fairlead/shared/node-api/operations.ts';
import type { Pin } from '@fairlead/shared/snapshot/root.ts';
import { objectOf, parseJson } from '@fairlead/shared/wire/json.ts';

/** Who this node is. Its private keys are made here and never leave its home (a file of mode 0600, or sealed). */
export interface Identity {
  nodeId: string;
  fleet: string;
  region: string;
  controlUrl: string;
  /** The root that it believes first. */
  pin: Pin;
  sign: { publicKey: string; privateKey: string };
  seal: { publicKey: string; privateKey: string };
}

/** Why a node could not join; the message says what to do. */
export class EnrolmentFailed extends Error {}

/** The identity in this file; undefined when there is none. Throws EnrolmentFailed when the file is damaged. */
export function loadIdentity(path: string): Identity | undefined {
  if (!existsSync(path)) return undefined;
  return readIdentity(readFileSync(path, 'utf8'), path);
}

/** The identity in a text; throws EnrolmentFailed when it is damaged, naming where it is. */
export function readIdentity(text: string, where: string): Identity {
  const value = withPin(parseJson(text));
  if (!isIdentity(value)) throw new EnrolmentFailed(`${where} is damaged. Put a copy of it back, or remove it and enrol again with a new node token.`);
  return value;
}

/** Writes the identity to this file. */
export function keepIdentity(path: string, identity: Identity): void {
  writeFileDurably(path, new TextEncoder().encode(JSON.stringify(identity, null, 2)));
}

function isIdentity(value: unknown): value is Identity {
  const fields = objectOf(value);
  if (!fields || !isPin(fields.pin)) return false;
  const texts = [fields.nodeId, fields.fleet, fields.region, ...[fields.sign, fields.seal].flatMap((keys) => [objectOf(keys)?.publicKey, objectOf(keys)?.privateKey])];
  return texts.every((text) => typeof text === 'string' && text !== '') && typeof fields.controlUrl === 'string' && URL.canParse(fields.controlUrl);
}

/** A node that joined before there were roots believes the root that its snapshots' key has signed. */
function withPin(value: unknown): unknown {
  const fields = objectOf(value);
  return fields?.pin === undefined && fields?.snapshotKeys !== undefined ? { ...fields, pin: { keys: fields.snapshotKeys } } : value;
}

function isPin(value: unknown): value is Pin {
  const pin = objectOf(value);
  if (!pin) return false;
  if (typeof pin.root === 'string') return pin.root !== '';
  return Array.isArray(pin.keys) && pin.keys.length > 0 && pin.keys.every((key) => typeof key === 'string');
}

/** Joins with a pasted token: makes the keys, proves knowledge of the secret, checks the answer's proof, keeps the identity. */
export async function enrol(at: { token: string; name: string; runtime: string; build: string; keep: (identity: Identity) => void | Promise<void> }, call: <T>(url: string, query: string, input: unknown) => Promise<T>): Promise<Identity> {
  const token = readNodeToken(at.token);
  if (!token) throw new EnrolmentFailed('The node token is not whole. Copy all of it (it begins with fln_) or make a new one in the console under Nodes.');
  const sign = await newSigningKeys();
  const seal = await newSealingKeys();
  const transcript = { tokenId: token.tokenId, fleet: token.fleet, nonce: toBase64url(crypto.getRandomValues(new Uint8Array(16))), name: at.name, signPublicKey: sign.publicKey, sealPublicKey: seal.publicKey };
  const input: NodeEnrollInput = {
    tokenId: transcript.tokenId, nonce: transcript.nonce, name: transcript.name, signPublicKey: transcript.signPublicKey, sealPublicKey: transcript.sealPublicKey,
    runtime: at.runtime, build: at.build, proof: await enrolmentProof(token.secret, transcript),
  };
  const { nodeEnroll: answer } = await call<{ nodeEnroll: NodeEnrollPayload }>(token.url, nodeEnroll, input);
  const problem = answer.userErrors[0];
  if (problem) throw new EnrolmentFailed(`The control plane refused this node: ${problem.message}${problem.fix ? ` ${problem.fix}` : ''}`);
  const { nodeId, fleet, region, proof } = answer;
  if (!nodeId || !fleet || !region || fleet !== token.fleet) throw new EnrolmentFailed('The control plane answered the enrolment with something else.');
  if (proof !== (await enrolmentAnswerProof(token.secret, transcript, nodeId))) throw new EnrolmentFailed('The answer to the enrolment was changed on its way: its proof does not fit the token.');
  const identity: Identity = { nodeId, fleet, region, controlUrl: token.url, pin: { root: token.trust }, sign, seal };
  await at.keep(identity);
  return identity;
}

/** Replaces a file so that a crash leaves the old or the new one, never half: write, sync, rename, sync the folder. */
export function writeFileDurably(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(`${path}.tmp`, 'w', 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(`${path}.tmp`, 0o600);
  renameSync(`${path}.tmp`, path);
}
