import { describe, expect, it } from 'vitest';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { convertRequest, testTarget } from '../testing/conversions.ts';

const chatTool = { type: 'function', function: { name: 'T' } };
const fromChat = (change: Loose) => convertRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...change }, 'openai-chat', 'openai-responses');
const fromMessages = (change: Loose) => convertRequest({ model: 'm', max_tokens: 500, messages: [{ role: 'user', content: 'x' }], ...change }, 'anthropic-messages', 'openai-responses');
const lost = ({ losses }: ReturnType<typeof fromChat>): string[] => losses.map((loss) => loss.feature);

describe('a request for an upstream of Responses', () => {
  it('keeps nothing there, and asks for sealed reasoning unless none shall be thought', () => {
    expect([fromChat({}).value, fromChat({ reasoning_effort: 'none' }).value].map((value) => [value['store'], value['include'], value['reasoning']])).toEqual([[false, ['reasoning.encrypted_content'], undefined], [false, undefined, { effort: 'none' }]]);
  });

  it.each<[Loose, Loose | undefined]>([
    [{}, undefined],
    [{ thinking: { type: 'disabled' } }, { effort: 'none' }],
    [{ thinking: { type: 'enabled', budget_tokens: 31_999 } }, { effort: 'high', summary: 'auto' }],
    [{ thinking: { type: 'enabled', budget_tokens: 2_000, display: 'omitted' } }, { effort: 'low' }],
    [{ thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }, { effort: 'xhigh' }],
    [{ thinking: { type: 'adaptive', display: 'summarized' } }, { effort: 'medium', summary: 'auto' }],
  ])('with %j asks for the reasoning %j', (change, reasoning) => {
    expect(fromMessages(change).value['reasoning']).toEqual(reasoning);
  });

  it.each<[unknown, unknown]>([
    ['auto', 'auto'], ['none', 'none'], ['required', 'required'], [{ type: 'function', function: { name: 'T' } }, { type: 'function', name: 'T' }],
    [{ type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'T' } }] } }, { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'T' }] }],
  ])('with the choice %j says %j', (choice, word) => {
    const written = fromChat({ tools: [chatTool, { type: 'function', function: { name: 'U' } }], tool_choice: choice });
    expect([written.value['tool_choice'], lost(written)]).toEqual([word, []]);
  });

  it('holds tools to their schemas only where that was asked, for else the vendor does', () => {
    expect(fromChat({ tools: [chatTool, { type: 'function', function: { name: 'U', strict: true, parameters: {} } }] }).value['tools']).toEqual([{ type: 'function', name: 'T', parameters: { type: 'object', properties: {} }, strict: false }, { type: 'function', name: 'U', parameters: {}, strict: true }]);
  });

  it('offers free tools as such, with their calls and results', () => {
    const written = fromChat({
      tools: [{ type: 'custom', custom: { name: 'P', description: 'd', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } } } }],
      messages: [{ role: 'user', content: 'x' }, { role: 'assistant', tool_calls: [{ id: 'c1', type: 'custom', custom: { name: 'P', input: 'a\nb' } }] }, { role: 'tool', tool_call_id: 'c1', content: 'ok' }],
    });
    expect([written.value['tools'], written.losses]).toEqual([[{ type: 'custom', name: 'P', description: 'd', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } }], []]);
    expect(written.value['input']).toEqual([{ type: 'message', role: 'user', content: 'x' }, { type: 'custom_tool_call', call_id: 'c1', name: 'P', input: 'a\nb' }, { type: 'custom_tool_call_output', call_id: 'c1', output: 'ok' }]);
  });

  it('names the vendor\'s own tools, and asks for what they found', () => {
    const { value } = fromMessages({ tools: [{ type: 'web_search_20250305', name: 'web_search', allowed_domains: ['a.org'], blocked_domains: ['b.org'] }, { type: 'code_execution_20250825', name: 'code_execution' }] });
    expect([value['tools'], value['include']]).toEqual([[{ type: 'web_search', filters: { allowed_domains: ['a.org'], blocked_domains: ['b.org'] } }, { type: 'code_interpreter', container: { type: 'auto' } }], ['reasoning.encrypted_content', 'web_search_call.action.sources', 'code_interpreter_call.outputs']]);
    expect(lost(fromMessages({ tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }, { type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] }))).toEqual(['server tool: options', 'server tool: web fetch']);
  });

  it('names as losses what the vendor does not know', () => {
    expect(lost(fromChat({ seed: 1, frequency_penalty: 1, presence_penalty: 1, top_k: 3, stop: ['a', 'b'], user: 'u'.repeat(65), logit_bias: {} }))).toEqual(['field: logit_bias', 'sampling: frequency penalty', 'sampling: presence penalty', 'sampling: seed', 'sampling: top_k', 'stop sequences', 'user']);
  });

  it('says form, length, tier, caller and cache in its own words', () => {
    const { value, losses } = fromChat({ response_format: { type: 'json_schema', json_schema: { name: 'a b!', schema: { type: 'object' }, strict: true } }, verbosity: 'low', service_tier: 'flex', user: 'u', prompt_cache_key: 'k', metadata: { a: 'b' }, logprobs: true, top_logprobs: 2, temperature: 1.5, top_p: 0.5, max_completion_tokens: 70 });
    expect([value, losses]).toEqual([{
      model: 'upstream-model', input: [{ type: 'message', role: 'user', content: 'x' }], max_output_tokens: 70, temperature: 1.5, top_p: 0.5, top_logprobs: 2, text: { format: { type: 'json_schema', name: 'a_b_', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
      service_tier: 'flex', user: 'u', prompt_cache_key: 'k', metadata: { a: 'b' }, store: false, include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
    }, []]);
    expect(fromChat({ response_format: { type: 'json_object' } }).value['text']).toEqual({ format: { type: 'json_object' } });
  });

  it('states the smaller limit, and one where there must be one', () => {
    const limits = [{ max_completion_tokens: 90_000 }, {}].map((change) => convertRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...change }, 'openai-chat', 'openai-responses', { ...testTarget, limitOutput: true }).value['max_output_tokens']);
    expect(limits).toEqual([32_000, 32_000]);
  });

  it('carries pictures and files in messages and results, and leaves out what it cannot', () => {
    const media = [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }, { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' }, title: 'a.pdf' }, { type: 'document', source: { type: 'url', url: 'https://x/b.pdf' } }, { type: 'image', source: { type: 'file', file_id: 'f' } }];
    const words = [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' }, { type: 'input_file', file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' }, { type: 'input_file', file_url: 'https://x/b.pdf' }];
    const written = fromMessages({ messages: [{ role: 'user', content: media }, { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'T', input: {} }] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content: media, is_error: true }] }] });
    expect(written.value['input']).toEqual([{ type: 'message', role: 'user', content: words }, { type: 'function_call', call_id: 'c', name: 'T', arguments: '{}' }, { type: 'function_call_output', call_id: 'c', output: words }]);
    expect(lost(written)).toEqual(['file: of another store', 'tool-result: error flag']);
    expect(lost(fromChat({ messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }, { type: 'text', text: 'x' }] }] }))).toEqual(['file: this kind']);
  });

  it('tells earlier answers with their sources and refusals, and instructions between the turns as the developer\'s', () => {
    const { value, losses } = fromChat({ messages: [{ role: 'system', content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] }, { role: 'user', content: 'x' }, { role: 'assistant', content: 'Rain.', refusal: 'No.', annotations: [{ type: 'url_citation', url_citation: { url: 'https://x', title: 'X', start_index: 0, end_index: 4 } }] }, { role: 'system', content: 'c' }, { role: 'user', content: 'y' }] });
    expect([value['instructions'], value['input'], losses]).toEqual(['a\n\nb', [
      { type: 'message', role: 'user', content: 'x' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Rain.', annotations: [{ type: 'url_citation', url: 'https://x', title: 'X', start_index: 0, end_index: 4 }] }, { type: 'refusal', refusal: 'No.' }] },
      { type: 'message', role: 'developer', content: 'c' },
      { type: 'message', role: 'user', content: 'y' },
    ], []]);
  });
});
