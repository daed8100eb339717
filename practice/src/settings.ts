// The only reader of the environment.
import { z } from 'zod';

/** What the process is told at its start. */
export type Settings = { readonly host: string; readonly port: number; readonly credentialDigests: ReadonlySet<string> };

const environment = z.object({
  PRACTICE_HOST: z.string().min(1).default('127.0.0.1'),
  PRACTICE_PORT: z.coerce.number().int().min(0).max(65535).default(4411),
  PRACTICE_CREDENTIAL_DIGEST: z
    .string({ error: 'is missing: give the SHA-256 digests of the accepted credentials, in hex, parted by commas' })
    .transform((text) => text.toLowerCase().split(',').map((digest) => digest.trim()).filter((digest) => digest !== ''))
    .refine((digests) => digests.length > 0 && digests.every((digest) => /^[0-9a-f]{64}$/.test(digest)), 'must hold SHA-256 digests in hex, parted by commas'),
});

/** Reads the settings; throws one Error that names every variable that is wrong. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const read = environment.safeParse(env);
  if (!read.success) {
    throw new Error(read.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('\n'));
  }
  const { PRACTICE_HOST: host, PRACTICE_PORT: port, PRACTICE_CREDENTIAL_DIGEST: digests } = read.data;
  return { host, port, credentialDigests: new Set(digests) };
}
