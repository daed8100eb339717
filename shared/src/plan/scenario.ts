// Pure.
import { scenarios } from '../snapshot/snapshot.ts';
import type { Scenario } from '../snapshot/snapshot.ts';
import type { AskFacts } from './ask-facts.ts';

const applies: Record<Exclude<Scenario, 'default'>, (facts: AskFacts) => boolean> = {
  'image': (facts) => facts.images,
  'long-context': (facts) => facts.longContext,
  'web-search': (facts) => facts.webSearch,
  'subagent': (facts) => facts.subagent,
  'background': (facts) => facts.background,
  'think': (facts) => facts.thinking,
};

/** The most telling kind of work that a request is. */
export function scenarioOf(facts: AskFacts): Scenario {
  return scenarios.find((name) => name !== 'default' && applies[name](facts)) ?? 'default';
}

/** Whether a request is this kind of work. It may be several (a sub-agent with pictures): positions of routes decide then. `default` is what is none of the others. */
export function isScenario(facts: AskFacts, scenario: Scenario): boolean {
  return scenario === 'default' ? scenarioOf(facts) === 'default' : applies[scenario](facts);
}
