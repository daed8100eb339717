import { lookup as resolveName } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { Agent, buildConnector } from 'undici';
import { reachOf, refuseResolved } from '@fairlead/shared/egress/rules.ts';
import type { EgressRules, Reach } from '@fairlead/shared/egress/rules.ts';
import { Incoming } from './incoming.ts';
import { writesSmallAsOne } from './one-write.ts';
import type { Transport } from './transport.ts';

interface Place { agent: Agent; origin: string; path: string }

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * undici on both runtimes. The resolved address is checked in the connect hook, so that a name cannot
 * point elsewhere after a check; literal addresses never pass that hook and are checked before.
 */
export function createUndiciTransport(rules: EgressRules): Transport {
  const agents = new Map<Reach, Agent>();
  const agentFor = (reach: Reach): Agent => {
    let agent = agents.get(reach);
    if (!agent) {
      agent = new Agent({ keepAliveTimeout: 15_000, keepAliveMaxTimeout: 60_000, connections: 8_192, pipelining: 1, connect: connector(reach) });
      agents.set(reach, agent);
    }
    return agent;
  };

  // The parts of a URL, and how far it may reach, are the same for as long as it is.
  const places = { operator: new WeakMap<URL, Place>(), tenant: new WeakMap<URL, Place>() };
  const placeOf = (url: URL, owner: 'operator' | 'tenant'): Place => {
    let place = places[owner].get(url);
    if (!place) places[owner].set(url, place = { agent: agentFor(reachOf(url, owner, rules)), origin: url.origin, path: url.pathname + url.search });
    return place;
  };

  return {
    call({ url, headers, body, owner, signal }) {
      const incoming = new Incoming(signal);
      try {
        const { agent, origin, path } = placeOf(url, owner);
        // Whoever calls watches the time: a large prompt may take longer than any fixed limit.
        if (!signal.aborted) agent.dispatch({ origin, path, method: 'POST', headers, body, headersTimeout: 0, bodyTimeout: 0 }, incoming);
      } catch (cause) {
        incoming.refuse(cause);
      }
      return incoming.head;
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function connector(reach: Reach): buildConnector.connector {
  const connect = buildConnector({ timeout: 10_000, lookup: checkedLookup(reach) as never });
  return (options, done) => connect(options, (error, socket) => { if (error) done(error, null); else done(null, writesSmallAsOne(socket)); });
}

function checkedLookup(reach: Reach) {
  return (hostname: string, options: LookupOptions, callback: Callback): void => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refused = refuseResolved(hostname, addresses.map(({ address }) => address), reach);
      if (refused) return callback(refused, []);
      const first = addresses[0];
      return options.all || !first ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
