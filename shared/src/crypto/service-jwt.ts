// Pure.
import { importPKCS8, SignJWT } from 'jose';

/** What a service account says of itself to be given an access token; times are epoch seconds. */
export interface ServiceClaims { issuer: string; audience: string; scope: string; issuedAtS: number; expiresAtS: number; keyId?: string | undefined }

/** The RS256 assertion of a service account (RFC 7523). Throws when the PEM text is no private key. */
export async function signServiceJwt(privateKeyPem: string, claims: ServiceClaims): Promise<string> {
  const key = await importPKCS8(privateKeyPem, 'RS256');
  return new SignJWT({ scope: claims.scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(claims.keyId === undefined ? {} : { kid: claims.keyId }) })
    .setIssuer(claims.issuer)
    .setAudience(claims.audience)
    .setIssuedAt(claims.issuedAtS)
    .setExpirationTime(claims.expiresAtS)
    .sign(key);
}
