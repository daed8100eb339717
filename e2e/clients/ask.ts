// Small clients in the four dialects, as plain as the vendors' documentation shows them.

/** What came back, read to its end. */
export interface Heard { status: number; headers: Headers; text: string; body: string; events: { event?: string; data: string }[]; /** True when the dialect's own end of a whole answer came. */ whole: boolean }

/** The dialects a client may speak. */
export type Speaks = 'anthropic' | 'chat' | 'responses' | 'gemini';

/** One question. */
export interface Question { prompt?: string; model?: string; stream?: boolean; maxTokens?: number; headers?: Record<string, string>; body?: unknown; signal?: AbortSignal; onChunk?: (text: string) => void }

const models: Record<Speaks, string> = { anthropic: 'claude-haiku-5-5', chat: 'gpt-5.5', responses: 'gpt-5.5', gemini: 'gemini-3-flash-preview' };

/** Sends one question to a node and reads the whole answer. */
export async function ask(nodeUrl: string, key: string, speaks: Speaks, question: Question = {}): Promise<Heard> {
  const { path, body, headers } = requestOf(speaks, question);
  const answer = await fetch(nodeUrl + path, {
    method: 'POST', signal: question.signal ?? AbortSignal.timeout(60_000),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers, ...question.headers }, body: typeof question.body === 'string' ? question.body : JSON.stringify(question.body ?? body),
  });
  let raw = '';
  const decoder = new TextDecoder();
  if (answer.body) {
    for await (const chunk of answer.body) {
      const text = decoder.decode(chunk, { stream: true });
      raw += text;
      question.onChunk?.(text);
    }
  }
  const events = question.stream ? readEvents(raw) : [];
  return { status: answer.status, headers: answer.headers, body: raw, events, text: textOf(speaks, raw, events, question.stream === true), whole: question.stream ? ended(speaks, events) : true };
}

/** A question as its dialect's clients send it. */
export function requestOf(speaks: Speaks, { prompt = 'Say hello.', model = models[speaks], stream = false, maxTokens = 256 }: Question): { path: string; body: unknown; headers: Record<string, string> } {
  switch (speaks) {
    case 'anthropic': return { path: '/v1/messages', headers: { 'anthropic-version': '2023-06-01' }, body: { model, max_tokens: maxTokens, stream, messages: [{ role: 'user', content: prompt }] } };
    case 'chat': return { path: '/v1/chat/completions', headers: {}, body: { model, stream, max_completion_tokens: maxTokens, messages: [{ role: 'user', content: prompt }] } };
    case 'responses': return { path: '/v1/responses', headers: {}, body: { model, stream, max_output_tokens: maxTokens, input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: prompt }] }] } };
    case 'gemini': return { path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, headers: {}, body: { contents: [{ role: 'user', parts: [{ text: prompt }] }], generationConfig: { maxOutputTokens: maxTokens } } };
  }
}

function readEvents(raw: string): { event?: string; data: string }[] {
  return raw.split(/\r?\n\r?\n/).flatMap((block) => {
    const lines = block.split(/\r?\n/);
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart()).join('\n');
    const event = lines.find((line) => line.startsWith('event:'))?.slice(6).trim();
    return data === '' ? [] : [{ data, ...(event === undefined ? {} : { event }) }];
  });
}

interface Piece { type?: string; delta?: { text?: string } | string; choices?: { delta?: { content?: string }; message?: { content?: string }; finish_reason?: string | null }[]; candidates?: { content?: { parts?: { text?: string; thought?: boolean }[] }; finishReason?: string }[]; content?: { text?: string }[]; output?: { content?: { text?: string }[] }[] }

function textOf(speaks: Speaks, raw: string, events: readonly { data: string }[], stream: boolean): string {
  const pieces = (stream ? events.map(({ data }) => data) : [raw]).flatMap((text): Piece[] => { try { return [JSON.parse(text) as Piece]; } catch { return []; } });
  return pieces.map((piece) => {
    switch (speaks) {
      case 'anthropic': return stream ? (typeof piece.delta === 'object' ? (piece.delta.text ?? '') : '') : (piece.content ?? []).map((block) => block.text ?? '').join('');
      case 'chat': return (stream ? piece.choices?.[0]?.delta?.content : piece.choices?.[0]?.message?.content) ?? '';
      case 'responses': return stream ? (piece.type === 'response.output_text.delta' && typeof piece.delta === 'string' ? piece.delta : '') : (piece.output ?? []).flatMap((item) => item.content ?? []).map((part) => part.text ?? '').join('');
      case 'gemini': return (piece.candidates?.[0]?.content?.parts ?? []).filter((part) => !part.thought).map((part) => part.text ?? '').join('');
    }
  }).join('');
}

function ended(speaks: Speaks, events: readonly { event?: string; data: string }[]): boolean {
  switch (speaks) {
    case 'anthropic': return events.some(({ event }) => event === 'message_stop');
    case 'chat': return events.some(({ data }) => data === '[DONE]');
    case 'responses': return events.some(({ event }) => event === 'response.completed');
    case 'gemini': return events.some(({ data }) => data.includes('"finishReason"'));
  }
}
