import { describe, expect, it } from 'vitest';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest } from '../hub/bad-request.ts';
import { readRequest } from './read-request.ts';

const addressed = { model: 'm', stream: false };
const hello = { role: 'user', parts: [{ text: 'x' }] };
const called = { role: 'model', parts: [{ functionCall: { id: 'c1', name: 'f', args: {} } }] };

/** The place that is wrong, and what is. */
function problemOf(body: Loose): string {
  try {
    readRequest(body, addressed);
  } catch (error) {
    if (error instanceof BadRequest) return error.message;
    throw error;
  }
  return 'none';
}

const inPart = (part: unknown): Loose => ({ contents: [{ role: 'user', parts: [part] }] });
const inModel = (part: unknown): Loose => ({ contents: [hello, { role: 'model', parts: [part] }] });
const withConfig = (generationConfig: unknown): Loose => ({ contents: [hello], generationConfig });

describe('a body that no vendor could make sense of is refused with its place', () => {
  it.each<[string, Loose, string]>([
    ['no contents', {}, 'contents: must hold at least one content'],
    ['empty contents', { contents: [] }, 'contents: must hold at least one content'],
    ['contents that are no list', { contents: 'Hello' }, 'contents: must be a list'],
    ['a content that is no object', { contents: ['Hello'] }, 'contents.0: must be an object'],
    ['an unknown role', { contents: [hello, { role: 'assistant', parts: [] }] }, 'contents.1.role: must be "user", "model" or "function"'],
    ['a role that is no text', { contents: [{ role: 3, parts: [] }] }, 'contents.0.role: must be "user", "model" or "function"'],
    ['parts that are no list', { contents: [{ role: 'user', parts: { text: 'x' } }] }, 'contents.0.parts: must be a list'],
    ['a part that is no object', inPart('x'), 'contents.0.parts.0: must be an object'],
    ['an unknown kind of part', inPart({ hologram: {} }), 'contents.0.parts.0: "hologram" is not a kind of part that can be carried to another vendor'],
    ['text that is none', inPart({ text: 3 }), 'contents.0.parts.0.text: must be a text'],
    ['a file without its type', inPart({ inlineData: { data: 'AAAA' } }), 'contents.0.parts.0.inlineData.mimeType: must be a text'],
    ['bad base64', inPart({ inlineData: { mimeType: 'image/png', data: 'not base64!' } }), 'contents.0.parts.0.inlineData.data: must be base64'],
    ['bad base64 in snake case', inPart({ inline_data: { mime_type: 'image/png', data: 'A' } }), 'contents.0.parts.0.inlineData.data: must be base64'],
    ['a file without its address', inPart({ fileData: { mimeType: 'image/png' } }), 'contents.0.parts.0.fileData.fileUri: must be a text'],
    ['a file of the machine', inPart({ fileData: { mimeType: 'image/png', fileUri: 'file:///etc/passwd' } }), 'contents.0.parts.0.fileData.fileUri: must be an http, https or gs address'],
    ['a call without a name', inModel({ functionCall: { args: {} } }), 'contents.1.parts.0.functionCall.name: must be a text'],
    ['a call with arguments in a list', inModel({ functionCall: { name: 'f', args: [1] } }), 'contents.1.parts.0.functionCall.args: must be an object'],
    ['a call that is no object', inModel({ functionCall: 'f' }), 'contents.1.parts.0.functionCall: must be an object'],
    ['two waiting calls of one id', { contents: [hello, { role: 'model', parts: [...called.parts, ...called.parts] }] }, 'contents.1.parts.1.functionCall.id: is the id of two calls ("c1")'],
    ['a result without its call', { contents: [hello, { role: 'user', parts: [{ functionResponse: { id: 'c9', name: 'f', response: {} } }] }] }, 'contents.1.parts.0.functionResponse.id: answers a call that is not there ("c9")'],
    ['a result without an id or a call of its name', { contents: [hello, called, { role: 'user', parts: [{ functionResponse: { name: 'g', response: {} } }] }] }, 'contents.2.parts.0.functionResponse.id: answers a call that is not there ("g")'],
    ['a result without a name', { contents: [hello, called, { role: 'user', parts: [{ functionResponse: { id: 'c1', response: {} } }] }] }, 'contents.2.parts.0.functionResponse.name: must be a text'],
    ['a result that is no object', { contents: [hello, called, { role: 'user', parts: [{ functionResponse: { name: 'f', response: 'done' } }] }] }, 'contents.2.parts.0.functionResponse.response: must be an object'],
    ['a result that shows what is no file', { contents: [hello, called, { role: 'user', parts: [{ functionResponse: { name: 'f', response: {}, parts: [{ text: 'x' }] } }] }] }, 'contents.2.parts.0.functionResponse.parts.0: must hold inlineData or fileData'],
    ['an instruction that is a number', { contents: [hello], systemInstruction: 3 }, 'systemInstruction: must be an object'],
    ['an instruction whose text is none', { contents: [hello], systemInstruction: { parts: [{ text: 3 }] } }, 'systemInstruction.parts.0.text: must be a text'],
    ['tools that are no list', { contents: [hello], tools: {} }, 'tools: must be a list'],
    ['functions that are no list', { contents: [hello], tools: [{ functionDeclarations: {} }] }, 'tools.0.functionDeclarations: must be a list'],
    ['a function without a name', { contents: [hello], tools: [{ functionDeclarations: [{}] }] }, 'tools.0.functionDeclarations.0.name: must be a text'],
    ['a schema that is none', { contents: [hello], tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: [] }] }] }, 'tools.0.functionDeclarations.0.parametersJsonSchema: must be an object'],
    ['an unknown mode', { contents: [hello], toolConfig: { functionCallingConfig: { mode: 'SOMETIMES' } } }, 'toolConfig.functionCallingConfig.mode: must be "AUTO", "ANY", "NONE" or "VALIDATED"'],
    ['names of functions that are none', { contents: [hello], toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [3] } } }, 'toolConfig.functionCallingConfig.allowedFunctionNames.0: must be a text'],
    ['settings that are no object', withConfig([]), 'generationConfig: must be an object'],
    ['a temperature that is none', withConfig({ temperature: 'hot' }), 'generationConfig.temperature: must be a number'],
    ['a limit in snake case that is none', withConfig({ max_output_tokens: 'many' }), 'generationConfig.maxOutputTokens: must be a number'],
    ['stop sequences that are no list', withConfig({ stopSequences: 'x' }), 'generationConfig.stopSequences: must be a list'],
    ['a stop sequence that is no text', withConfig({ stopSequences: ['x', 1] }), 'generationConfig.stopSequences.1: must be a text'],
    ['thinking that is no object', withConfig({ thinkingConfig: true }), 'generationConfig.thinkingConfig: must be an object'],
  ])('%s', (_name, body, problem) => {
    expect(problemOf(body)).toBe(problem);
  });

  it('and whatever stands in a body, nothing else is thrown', () => {
    const odd = [null, 3, 'x', [], [[]], {}, [{}], [null], [{ parts: null }], [{ parts: [{}] }], { parts: [] }];
    for (const one of odd) {
      for (const field of ['contents', 'tools', 'toolConfig', 'generationConfig', 'systemInstruction', 'labels', 'safetySettings']) expect(() => problemOf({ contents: [hello], [field]: one })).not.toThrow();
      for (const field of ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse', 'executableCode', 'codeExecutionResult', 'thoughtSignature', 'thought']) expect(() => problemOf(inModel({ [field]: one }))).not.toThrow();
    }
  });
});
