import { graphql } from './generated/gql.ts';

/** The routes that count, and the providers they may lead to. */
export const RoutesQuery = graphql(`
  query Routes {
    routes(first: 200) { nodes { id name shared position models scenario when rank hedgeAfterMs replay strict stickySeconds returns status version targets { upstreamId model priority weight upstream { id name } } } }
    upstreams(first: 200) { nodes { id name shared status } }
  }
`);

/** Makes a route. */
export const RouteCreate = graphql(`mutation RouteCreate($input: RouteCreateInput!) { routeCreate(input: $input) { route { id } userErrors { code message fix path } } }`);

/** Changes a route. */
export const RouteUpdate = graphql(`mutation RouteUpdate($input: RouteUpdateInput!) { routeUpdate(input: $input) { route { id } userErrors { code message fix path } } }`);

/** Removes a route. */
export const RouteDelete = graphql(`mutation RouteDelete($input: RouteDeleteInput!) { routeDelete(input: $input) { removedId userErrors { code message fix path } } }`);

/** Where a request would go, and why; nothing is called. */
export const RouteSimulate = graphql(`
  query RouteSimulate($input: RouteSimulateInput!) {
    routeSimulate(input: $input) {
      route explicit scenario problem
      candidates { upstreamId upstream model dialect reason input { amount } output { amount } }
      leftOut { upstreamId upstream reason }
      passedOver { routeId name reason }
      userErrors { code message fix path }
    }
  }
`);

/** What a draft would have done with the requests of the last hours. */
export const RouteReplay = graphql(`
  query RouteReplay($input: RouteReplayInput!) {
    routeReplay(input: $input) {
      considered withoutFacts moved unserved unpriced whole
      cost { amount } newCost { amount }
      moves { from { upstream model } to { upstream model } count cost { amount } newCost { amount } ttftMs newTtftMs failureShare newFailureShare }
      unservedExamples { exchangeId model reason }
      userErrors { code message fix path }
    }
  }
`);
