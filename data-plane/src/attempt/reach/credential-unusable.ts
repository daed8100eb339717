/** A credential with which no call can be signed in, with what is wrong; never with the credential. */
export class CredentialUnusable extends Error {
  override readonly name = 'CredentialUnusable';
}
