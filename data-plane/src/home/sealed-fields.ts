import { openBytes, sealBytes } from '@fairlead/shared/crypto/seal.ts';
import type { OwnedStream } from '../stores/redis/owned-stream.ts';

/** Small things that a node keeps in Redis, each sealed: whoever reads Redis reads none of them, nor can put one in another's place. */
export interface SealedFields {
  /** What was there at the start, or was kept since. */
  get(name: string): Uint8Array | undefined;
  /** Keeps these together; throws when Redis does not take them, and then they are written when it is back. */
  keep(fields: Readonly<Record<string, Uint8Array>>): Promise<void>;
  /** Writes all of them anew. */
  restore(): Promise<void>;
  /** Writes what was not taken before. */
  mend(): Promise<void>;
}

/** Why what is kept cannot be opened. */
export class SealBroken extends Error {}

/** Reads and opens what is there. `name`: whose fields they are. */
export async function openSealedFields(at: { stream: Pick<OwnedStream, 'fields' | 'keepFields'>; key: Uint8Array; name: string }): Promise<SealedFields> {
  const { stream, key } = at;
  const aadOf = (field: string) => `fairlead-home\n${at.name}\n${field}`;
  const plain = new Map<string, Uint8Array>();
  const sealed = new Map(Object.entries(await stream.fields()));
  let behind = false;
  for (const [field, text] of sealed) {
    try {
      plain.set(field, await openBytes(key, text, aadOf(field)));
    } catch (cause) {
      throw new SealBroken(`What Redis keeps of this node under ${at.name} cannot be opened with the secret of its token. Use the token that it joined with, or remove ${at.name}:kept and let it join again with a new one.`, { cause });
    }
  }
  const write = async (fields: Readonly<Record<string, string>>) => {
    if (Object.keys(fields).length === 0) return;
    behind = true;
    const said = await stream.keepFields(fields);
    if (said.is !== 'kept') throw new Error('another process has this node in Redis');
    behind = false;
  };
  return {
    get: (field) => plain.get(field),
    async keep(fields) {
      const texts: Record<string, string> = {};
      for (const [field, bytes] of Object.entries(fields)) {
        const text = await sealBytes(key, bytes, aadOf(field));
        plain.set(field, bytes);
        sealed.set(field, text);
        texts[field] = text;
      }
      await write(behind ? Object.fromEntries(sealed) : texts);
    },
    restore: () => write(Object.fromEntries(sealed)),
    mend: () => (behind ? write(Object.fromEntries(sealed)) : Promise.resolve()),
  };
}
