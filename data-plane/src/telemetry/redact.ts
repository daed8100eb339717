// Pure.

// Ours, and the forms in which the vendors' secrets are written.
const secretForms = /\b(fl[kmn]_[0-9A-Za-z]{10})[0-9A-Za-z._-]+|\b(sk-[A-Za-z0-9]{2})[A-Za-z0-9_-]{8,}|\b(AIza)[A-Za-z0-9_-]{10,}|(Bearer\s+)[A-Za-z0-9._~+/=-]{8,}|([?&]key=)[^&\s"]+|\b(ya29\.)[A-Za-z0-9._-]{8,}|(-----BEGIN [A-Z ]*PRIVATE KEY-----)[A-Za-z0-9+/=\s\\]+/g;

/** The text with every secret we can recognise cut to its public beginning. */
export function maskSecrets(text: string): string {
  return text.replace(secretForms, (_whole, ...groups: unknown[]) => `${String(groups.slice(0, 7).find((group) => typeof group === 'string') ?? '')}…`);
}
