import { createContext } from 'svelte';
import { ViewerQuery } from '#lib/api/viewer.ts';
import { run } from '#lib/api/client.ts';
import type { ViewerQuery as ViewerResult } from '#lib/api/generated/graphql.ts';
import { Live } from './live.svelte.ts';

/** Who is signed in. */
export type Viewer = NonNullable<ViewerResult['viewer']>;

/** What everyone may know of this install. */
export type Install = ViewerResult['install'];

/** The sign-in behind every page of the app. */
export class Session {
  readonly live = new Live((signal) => run(ViewerQuery, {}, signal), 5000);
  readonly viewer = $derived(this.live.value?.viewer);
  readonly install = $derived(this.live.value?.install);
  readonly operator = $derived(this.viewer?.operator === true);

  /** Whether the viewer may change things of this kind, such as "keys:write". */
  may(scope: 'keys' | 'providers' | 'routes' | 'quotas' | 'account'): boolean {
    const role = this.viewer?.role;
    if (role === 'OWNER' || role === 'ADMIN') return true;
    return (role === 'DEVELOPER' && scope === 'keys') || (role === 'BILLING' && scope === 'quotas');
  }
}

/** The session of the page; set once by the app's layout. */
export const [getSession, setSession] = createContext<Session>();
