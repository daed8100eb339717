import { run } from '#lib/api/client.ts';
import { ExchangeStream, ExchangesQuery } from '#lib/api/exchanges.ts';
import type { ExchangeFilter, ExchangeRowFragment, ExchangesQuery as ExchangesQueryResult } from '#lib/api/generated/graphql.ts';
import { follow } from '#lib/api/stream.ts';
import { Live } from './live.svelte.ts';
import { arrange, idsOf } from './arrange.ts';

// At a tenth of a second each; whoever wants more asks again.
const mostPages = 20;

/** One row of the request log. */
export type ExchangeRow = ExchangeRowFragment;

/** The newest exchanges: read again every few seconds, and told of each one as it ends. */
export class Tail {
  /** Whether new rows wait, because somebody reads the ones shown. */
  paused = $state(false);
  connected = $state(false);
  /** Ids of rows that came while the page was open. */
  fresh = $state.raw<ReadonlySet<string>>(idsOf([]));
  rows = $state.raw<readonly ExchangeRow[]>([]);
  waiting = $state.raw<readonly ExchangeRow[]>([]);
  hasOlder = $state(false);
  loadingOlder = $state(false);
  /** How far back was looked, when looking on for what fits would have taken long. */
  searchedTo = $state<string | null>(null);
  readonly #filter: () => ExchangeFilter;
  readonly #first: number;
  #most: number;
  #olderFrom: string | null = null;
  /** How many times it began anew. */
  #begun = 0;
  readonly live: Live<boolean>;

  constructor(filter: () => ExchangeFilter, first = 50, most = 200) {
    this.#filter = filter;
    this.#first = first;
    this.#most = most;
    this.live = new Live(async (signal) => {
      const { exchanges } = await run(ExchangesQuery, { first, filter: filter() }, signal);
      if (this.live.value === undefined) {
        this.rows = exchanges.nodes;
        this.#goOnFrom(exchanges);
      } else this.#take(exchanges.nodes);
      return true;
    });
  }

  /** Begins anew with the filter as it is; made for `$effect`. */
  start(): () => void {
    const filter = this.#filter();
    this.#begun++;
    this.rows = [];
    this.waiting = [];
    this.fresh = idsOf([]);
    this.#most = 200;
    this.live.value = undefined;
    this.searchedTo = null;
    this.hasOlder = false;
    const stopLive = this.live.start();
    let stopStream = () => {};
    // A browser opens few connections to one origin: a hidden tab must not hold one.
    const attend = () => {
      stopStream();
      stopStream = document.hidden ? () => {} : follow(ExchangeStream, { filter }, ({ exchangeStream }) => this.#take([exchangeStream]), (connected) => { this.connected = connected; });
    };
    document.addEventListener('visibilitychange', attend);
    attend();
    return () => {
      document.removeEventListener('visibilitychange', attend);
      stopStream();
      stopLive();
    };
  }

  /** Shows the rows that waited. */
  flush(): void {
    const waiting = this.waiting;
    this.waiting = [];
    this.#show(waiting);
  }

  /** Lets new rows come in again. */
  resume(): void {
    this.paused = false;
    this.flush();
  }

  /** Reads the page behind the oldest row; where little fits, page after page until something does. */
  async older(): Promise<void> {
    if (!this.hasOlder || this.loadingOlder) return;
    this.loadingOlder = true;
    const begun = this.#begun;
    try {
      for (let page = 0; page < mostPages && this.hasOlder; page++) {
        const { exchanges } = await run(ExchangesQuery, { first: this.#first, after: this.#olderFrom, filter: this.#filter() });
        // Something else was asked for meanwhile.
        if (begun !== this.#begun) return;
        this.#most += exchanges.nodes.length;
        this.rows = arrange(this.rows, exchanges.nodes, this.#most);
        this.#goOnFrom(exchanges);
        if (exchanges.nodes.length > 0) return;
      }
    } finally {
      this.loadingOlder = false;
    }
  }

  #goOnFrom({ searchedTo, pageInfo }: ExchangesQueryResult['exchanges']): void {
    this.searchedTo = searchedTo;
    this.hasOlder = pageInfo.hasNextPage;
    this.#olderFrom = pageInfo.endCursor;
  }

  #take(rows: readonly ExchangeRow[]): void {
    const known = idsOf(this.rows);
    const unseen = rows.filter((row) => !known.has(row.id));
    this.rows = arrange(this.rows, rows.filter((row) => known.has(row.id)), this.#most);
    if (unseen.length === 0) return;
    if (this.paused) this.waiting = arrange(this.waiting, unseen, 200);
    else this.#show(unseen);
  }

  #show(rows: readonly ExchangeRow[]): void {
    if (rows.length === 0) return;
    this.fresh = idsOf(rows, this.fresh);
    this.rows = arrange(this.rows, rows, this.#most);
  }
}
