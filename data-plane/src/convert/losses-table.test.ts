// The published table of losses is what the golden cases show: npm run golden writes it anew.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DIALECT_NAMES, type DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { looseOf, objectOf, textOf } from '@fairlead/shared/wire/json.ts';
import { losesContent, losses } from './hub/losses.ts';

const ROOT = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const TABLE = fileURLToPath(new URL('../../../docs/conversion.md', import.meta.url));
const short: Readonly<Record<DialectName, string>> = { 'anthropic-messages': 'Messages', 'openai-chat': 'Chat', 'openai-responses': 'Responses', 'gemini-generate': 'Gemini' };

/** Which ways show a loss in some golden case: from the client's dialect to the upstream's for requests, the other way for answers. */
const seen = new Map<string, Set<string>>();
const cells = new Map<string, number>();
const note = (feature: string, way: string) => { const ways = seen.get(feature) ?? new Set(); seen.set(feature, ways.add(way)); };
for (const dialect of DIALECT_NAMES) {
  for (const name of readdirSync(`${ROOT}${dialect}`)) {
    for (const file of readdirSync(`${ROOT}${dialect}/${name}/expect`)) {
      const other = DIALECT_NAMES.find((one) => file.startsWith(`${one}.`));
      if (other !== undefined && /\.(?:request\.json|reply\.json|reply\.sse)$/.test(file)) {
        const cell = `${file.endsWith('request.json') ? `${dialect} ${other} request` : `${other} ${dialect} ${file.endsWith('sse') ? 'stream' : 'reply'}`}`;
        cells.set(cell, (cells.get(cell) ?? 0) + 1);
      }
      if (other === undefined || !file.endsWith('.losses.json')) continue;
      const lists = objectOf(JSON.parse(readFileSync(`${ROOT}${dialect}/${name}/expect/${file}`, 'utf8'))) ?? {};
      for (const [what, list] of Object.entries(lists)) {
        for (const loss of looseOf(list)) note(textOf(loss['feature']) ?? '', what === 'request' ? `${short[dialect]} → ${short[other]}` : `${short[other]} ← ${short[dialect]}`);
      }
    }
  }
}

it('every loss of a golden case is in the catalog, and every pair is covered whole and streamed', () => {
  const known = new Set<string>(Object.keys(losses));
  expect([...seen.keys()].filter((feature) => !feature.startsWith('field: ') && !known.has(feature))).toEqual([]);
  const missing = DIALECT_NAMES.flatMap((client) => DIALECT_NAMES.filter((upstream) => upstream !== client).flatMap((upstream) => ['request', 'reply', 'stream'].map((what) => `${client} ${upstream} ${what}`))).filter((cell) => !cells.has(cell));
  expect(missing).toEqual([]);
});

it('the published table says what the cases show', async () => {
  const matrix = DIALECT_NAMES.map((client) => `| **${short[client]}** | ${DIALECT_NAMES.map((upstream) => (client === upstream ? 'untouched' : ['request', 'reply', 'stream'].map((what) => cells.get(`${client} ${upstream} ${what}`) ?? 'missing').join(' · '))).join(' | ')} |`);
  const rows = Object.entries(losses).map(([name, meaning]) => `| \`${name}\` | ${meaning} | ${losesContent(name) ? 'yes' : 'no'} | ${[...(seen.get(name) ?? [])].sort().join(', ') || '–'} |`);
  const fields = [...seen].filter(([name]) => name.startsWith('field: ')).map(([name, ways]) => `\`${name.slice(7)}\` (${[...ways].sort().join(', ')})`).sort();
  const text = [
    '# What is carried between dialects, and what is lost', '',
    'Written by `npm run golden` from the golden cases in `data-plane/fixtures`; a test holds it to them.', '',
    'A client of one dialect and an upstream of the same one: the bytes go through untouched but for named edits. All other pairs are converted, whole and streamed. Numbers are golden cases for requests · whole answers · streams.', '',
    `| client ↓ upstream → | ${DIALECT_NAMES.map((name) => short[name]).join(' | ')} |`, `|---|${DIALECT_NAMES.map(() => '---').join('|')}|`, ...matrix, '',
    '## Losses', '',
    'What a pair cannot carry is a value: it stands in the trace of the exchange, in GraphQL and in the console. A route that is `strict` refuses requests with losses of content. `→` is a request on its way to an upstream, `←` an answer on its way to a client.', '',
    '| loss | means | content | seen in |', '|---|---|---|---|', ...rows, '',
    `Fields that only their own dialect knows are losses of content by their names. Seen in the cases: ${fields.join(', ')}.`, '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot(TABLE);
});
