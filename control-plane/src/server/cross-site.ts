// Pure. Keeps other sites from acting with a member's cookie.

/** What of a request tells where it comes from. */
export interface Origin { method: string; contentType: string | undefined; origin: string | undefined; fetchSite: string | undefined; consoleHeader: string | undefined; host: string | undefined; publicUrl: string }

/** Why a request may not use the cookie; undefined when it may. Reading needs no check: other sites cannot see answers. */
export function crossSiteProblem(at: Origin): string | undefined {
  if (at.method === 'GET' || at.method === 'HEAD' || at.method === 'OPTIONS') return undefined;
  if (!isPlainSafe(at.contentType, at.consoleHeader)) return 'Send application/json, or the header x-fairlead-console: 1.';
  if (at.fetchSite !== undefined && at.fetchSite !== 'same-origin' && at.fetchSite !== 'none') return 'This request comes from another site.';
  if (at.origin !== undefined && at.origin !== new URL(at.publicUrl).origin && hostOf(at.origin) !== at.host) return 'This request comes from another site.';
  return undefined;
}

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined);

/** Whether a request needed a preflight, which other sites do not pass: JSON, or a header of our own. */
export function isPlainSafe(contentType: string | undefined, consoleHeader: string | undefined): boolean {
  return consoleHeader === '1' || (contentType?.toLowerCase().startsWith('application/json') ?? false);
}

/** Whether a name means this machine. A foreign name that resolves here is a page of somebody else's trying to look local. */
export function isLocalName(hostname: string, publicUrl: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) || hostname.endsWith('.localhost') || hostname === new URL(publicUrl).hostname;
}
