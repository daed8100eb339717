'use strict';
// Who may import whom. The map is in ARCHITECTURE.md; this file keeps it true.
const test = '\\.test\\.ts$|/testing/|/test-[a-z-]+\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: { pathNot: 'generated' }, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'shared-knows-nobody', severity: 'error', from: { path: '^shared/src' }, to: { path: '^(prisma|control-plane|data-plane|console|cli|practice|e2e)/' } },
    { name: 'shared-has-no-runtime', comment: 'It must load in Node, Deno and a browser.', severity: 'error', from: { path: '^shared/src', pathNot: test }, to: { dependencyTypes: ['core'] } },
    { name: 'shared-has-few-dependencies', severity: 'error', from: { path: '^shared/src', pathNot: test }, to: { dependencyTypes: ['npm', 'npm-dev'], pathNot: 'node_modules/(\\.pnpm/)?(jose|re2js|@marcbachmann)' } },
    { name: 'planes-never-meet', severity: 'error', from: { path: '^data-plane/' }, to: { path: '^(control-plane|prisma|console|cli|practice)/' } },
    { name: 'planes-never-meet-either', severity: 'error', from: { path: '^control-plane/' }, to: { path: '^(data-plane|console|cli|practice)/' } },
    { name: 'prisma-knows-shared-only', severity: 'error', from: { path: '^prisma/(src|tools)' }, to: { path: '^(control-plane|data-plane|console|cli|practice|e2e)/' } },
    { name: 'console-knows-the-public-schema-only', severity: 'error', from: { path: '^console/' }, to: { path: '^(shared|prisma|control-plane|data-plane|cli|practice|e2e)/' } },
    { name: 'cli-knows-shared-only', severity: 'error', from: { path: '^cli/' }, to: { path: '^(prisma|control-plane|data-plane|console|practice|e2e)/' } },
    { name: 'practice-knows-the-wire-only', severity: 'error', from: { path: '^practice/' }, to: { path: '^(shared/src/(?!wire/)|prisma|control-plane|data-plane|console|cli|e2e)' } },
    { name: 'e2e-knows-processes-only', severity: 'error', from: { path: '^e2e/' }, to: { path: '^(shared|prisma|control-plane|data-plane|console|cli|practice)/' } },
    { name: 'only-exchange-imports-stages', severity: 'error', from: { path: '^data-plane/src', pathNot: `^data-plane/src/(exchange|compose|home/|node|main\\.)|^data-plane/src/(authenticate|admit|plan|recall|attempt|meter)/|${test}` }, to: { path: '^data-plane/src/(authenticate|admit|plan|recall|attempt|meter)/' } },
    ...['authenticate', 'admit', 'plan', 'recall', 'attempt', 'meter'].map((stage) => ({
      name: `stage-${stage}-stands-alone`, severity: 'error',
      from: { path: `^data-plane/src/${stage}/`, pathNot: test },
      to: { path: '^data-plane/src/(authenticate|admit|plan|recall|attempt|meter)/', pathNot: `^data-plane/src/${stage}/` },
    })),
    { name: 'convert-is-pure', severity: 'error', from: { path: '^data-plane/src/convert/', pathNot: test }, to: { pathNot: '^(data-plane/src/convert/|shared/src/(wire|money|faults|snapshot|plan)/)' } },
    { name: 'transform-is-pure', severity: 'error', from: { path: '^data-plane/src/transform/', pathNot: test }, to: { pathNot: '^(data-plane/src/transform/|shared/src/(wire|transformers)/)' } },
    { name: 'plan-is-pure', severity: 'error', from: { path: '^shared/src/plan/', pathNot: test }, to: { pathNot: '^shared/src/(plan|snapshot|money|time)/|node_modules/(\\.pnpm/)?@marcbachmann' } },
    { name: 'domain-knows-no-graphql', severity: 'error', from: { path: '^control-plane/src/domain/', pathNot: test }, to: { path: '^control-plane/src/(graphql|server)/|node_modules/(\\.pnpm/)?(@pothos|graphql)' } },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^(\\$app|#client|npm:|svelte|\\./\\$types|\\$env)' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules|generated' },
    exclude: { path: 'generated|/build/|\\.svelte-kit|\\.clients' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'], extensions: ['.ts', '.js', '.mjs', '.json', '.svelte', '.svelte.ts'] },
  },
};
