// Pure. Keeps other sites from acting with a member's cookie.

/** What of a request tells where it comes from. */
export interface Origin { method: string; contentType: string | undefined; origin: string | undefined; fetchSite: string | undefined; consoleHeader: string | undefined; host: string | undefined; publicUrl: string }

/** Why a request may not use the cookie; undefined when it may. Reading needs no check: other sites cannot see answers. */
export function crossSiteProblem(at: Origin): string | undefined {
  if (at.method === 'GET' || at.method === 'HEAD' || at.method === 'OPTIONS') return undefined;
  if (at.consoleHeader !== '1' && !at.contentType?.toLowerCase().startsWith('application/json')) return 'Send application/json, or the header x-fairlead-console: 1.';
  if (at.fetchSite !== undefined && at.fetchSite !== 'same-origin' && at.fetchSite !== 'none') return 'This request comes from another site.';
  if (at.origin !== undefined && at.origin !== new URL(at.publicUrl).origin && hostOf(at.origin) !== at.host) return 'This request comes from another site.';
  return undefined;
}

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined);
