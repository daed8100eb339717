import { expect, test } from 'vitest';
import { Refused } from '../problem.ts';
import { csvCell, csvLine, readCsv } from './csv.ts';
import { readVendorUsage } from './vendor-usage.ts';

const told = (content: string) => readVendorUsage(content).map(({ day, model, kind, amount }) => `${day} ${model} ${kind} ${amount}`);
const problem = (content: string) => { try { readVendorUsage(content); } catch (cause) { if (cause instanceof Refused) return [cause.problems[0]?.code, cause.problems[0]?.message, cause.problems[0]?.path]; throw cause; } return undefined; };

test('the usage and cost reports of Anthropic and OpenAI are read by day, model and kind', () => {
  const anthropic = { data: [{ starting_at: '2026-11-20T00:00:00Z', ending_at: '2026-11-21T00:00:00Z', results: [{ model: 'claude-a', uncached_input_tokens: 10, cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 }, cache_read_input_tokens: 5, output_tokens: 6 }] }], has_more: false };
  expect(told(JSON.stringify(anthropic))).toEqual(['2026-11-20 claude-a INPUT 10', '2026-11-20 claude-a OUTPUT 6', '2026-11-20 claude-a CACHE_READ 5', '2026-11-20 claude-a CACHE_WRITE 7']);
  const openai = { object: 'page', data: [{ object: 'bucket', start_time: Date.UTC(2026, 10, 20) / 1000, end_time: 0, results: [{ object: 'organization.usage.completions.result', model: 'gpt-a', input_tokens: 1000, output_tokens: 500, input_cached_tokens: 800 }] }] };
  expect(told(JSON.stringify(openai))).toEqual(['2026-11-20 gpt-a INPUT 200', '2026-11-20 gpt-a OUTPUT 500', '2026-11-20 gpt-a CACHE_READ 800', '2026-11-20 gpt-a CACHE_WRITE 0']);
  expect(told(JSON.stringify({ data: [{ starting_at: '2026-11-20T00:00:00Z', results: [{ model: 'claude-a', amount: '123.45', currency: 'USD' }] }] }))).toEqual(['2026-11-20 claude-a COST 1234500000']);
  expect(told(JSON.stringify({ data: [{ start_time: Date.UTC(2026, 10, 20) / 1000, results: [{ amount: { value: 0.06, currency: 'usd' }, line_item: null }] }] }))).toEqual(['2026-11-20  COST 60000000']);
});

test('tables are read by their headers, whatever their order', () => {
  expect(told('model_version,usage_date_utc,usage_output_tokens,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read\r\n"claude, a",2026-11-20,6,"1,000",3,4,5\r\n'))
    .toEqual(['2026-11-20 claude, a INPUT 1000', '2026-11-20 claude, a OUTPUT 6', '2026-11-20 claude, a CACHE_READ 5', '2026-11-20 claude, a CACHE_WRITE 7']);
  expect(told('date,model,input_tokens,input_cached_tokens,output_tokens\n2026-11-20,gpt-a,1000,800,5\n')).toContain('2026-11-20 gpt-a INPUT 200');
  expect(told('Date,Model,Cost (USD)\n2026-11-20,claude-a,$1.5\n')).toEqual(['2026-11-20 claude-a COST 1500000000']);
});

test('what is no export is refused with the line where that shows', () => {
  expect(problem('hello')).toEqual(['INVALID', 'Line 1: No column says which day it was.', ['content', '1']]);
  expect(problem('date,model\n2026-11-20,m')).toEqual(['INVALID', 'Line 1: No column counts tokens or costs.', ['content', '1']]);
  expect(problem('date,model,output_tokens\n2026-11-20,m,1\n\n2026-11-21,m,many')).toEqual(['INVALID', 'Line 4: "many" is no count.', ['content', '4']]);
  expect(problem('date,model,output_tokens\nsoon,m,1')).toEqual(['INVALID', 'Line 2: "soon" is no day.', ['content', '2']]);
  expect(problem('date,model,output_tokens\n2026-11-20,"m,1')).toEqual(['INVALID', 'Line 2: A quote is not closed.', ['content', '2']]);
  expect(problem('date,model,output_tokens\n2026-11-20,m')).toEqual(['INVALID', 'Line 2: It has 2 cells where the header has 3.', ['content', '2']]);
  expect(problem('{"data":[{"starting_at":"2026-11-20T00:00:00Z","results":[]},{"x":1}]}')?.[1]).toBe('Line 2: It is no bucket with a start and results.');
  for (const content of ['', '{}', '[]', '[1]', '{"data":3}', '{"data":[{"starting_at":"2026-11-20T00:00:00Z","results":[{"model":"m"}]}]}', '{\n"data": [,', 'null']) expect(problem(content)?.[0], content).toBe('INVALID');
});

test('no cell of an export runs as a formula, and every cell is read back as it was', () => {
  expect(['=1+1', '+1', '-1', '-1.5', '@x', '\tx', '\rx', '-x', 'plain', 'a"b', 'a,b', ' a'].map(csvCell)).toEqual(["'=1+1", "'+1", '-1', '-1.5', "'@x", "'\tx", '"\'\rx"', "'-x", 'plain', '"a""b"', '"a,b"', '" a"']);
  const cells = ['a"b', 'c,d', 'e\r\nf', '', ' g '];
  expect(readCsv(csvLine(cells) + csvLine(['x']))).toEqual([{ line: 1, cells }, { line: 3, cells: ['x'] }]);
});
