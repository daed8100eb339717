// npm run bundle: the node as one file, which needs neither this repository nor packages. `-- --out <file>` puts it elsewhere.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'data-plane', 'build', 'fairlead-node.mjs') } } });
const file = resolve(values.out);
const main = (name) => JSON.stringify(join(root, 'data-plane', 'src', name));
const { rolldown } = await import(createRequire(join(root, 'data-plane', 'package.json')).resolve('rolldown'));

/** Where the file begins: on either runtime. */
const beginning = {
  name: 'beginning',
  resolveId: (id) => (id === 'beginning' ? id : null),
  load: (id) => (id === 'beginning' ? `await ('Deno' in globalThis ? import(${main('main.deno.ts')}) : import(${main('main.node.ts')}));` : null),
};
const bundle = await rolldown({
  input: 'beginning', plugins: [beginning], platform: 'node', external: [/^node:/],
  onLog(level, log) {
    if (level === 'warn') throw new Error(`The bundle would not be whole: ${log.message}`);
  },
});
// One file: what is loaded later is in it too. Licences of packages stay where they stood.
await bundle.write({ file, format: 'esm', codeSplitting: false, comments: { legal: true } });
await bundle.close();

const bytes = readFileSync(file);
process.stdout.write(`${file}
${(bytes.length / 1e6).toFixed(1)} MB, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}

Copy it to any machine with Node 22.19 or newer, or with Deno 2, make a token there is use for once
(console, Nodes; or: npm run -s fairlead -- nodes token), and start it:

  FAIRLEAD_NODE_TOKEN=fln_… node fairlead-node.mjs
  FAIRLEAD_NODE_TOKEN=fln_… deno run --allow-env --allow-net --allow-sys --allow-read --allow-write fairlead-node.mjs
`);
