// A vendor that answers at once: a small whole answer, or a stream of 200 events in bursts of five; in two dialects, and slowly for a model named so.
import { createServer } from 'node:http';

const events = 200;
const frame = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify({ type: event, ...(data as object) })}\n\n`;
const usage = { input_tokens: 100, output_tokens: events, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
const message = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'claude-haiku-5-5', content: [{ type: 'text', text: 'hello from the bench' }], stop_reason: 'end_turn', stop_sequence: null, usage };
const whole = JSON.stringify(message);
const head = frame('message_start', { message: { ...message, content: [], stop_reason: null } }) + frame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
const burst = frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'some words of an answer ' } }).repeat(5);
const tail = frame('content_block_stop', { index: 0 }) + frame('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: events } }) + frame('message_stop', {});

const chunkOf = (delta: object, more: object = {}) => `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o', choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`;
const chatUsage = { prompt_tokens: 100, completion_tokens: events, total_tokens: 100 + events };
const answers = {
  messages: { whole, head, burst, tail },
  chat: {
    whole: JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion', created: 1, model: 'gpt-4o', choices: [{ index: 0, message: { role: 'assistant', content: 'hello from the bench' }, finish_reason: 'stop' }], usage: chatUsage }),
    head: chunkOf({ role: 'assistant', content: '' }), burst: chunkOf({ content: 'some words of an answer ' }).repeat(5),
    tail: `${chunkOf({}, { finish_reason: 'stop' })}data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o', choices: [], usage: chatUsage })}\n\ndata: [DONE]\n\n`,
  },
};

const server = createServer((request, response) => {
  let stream = false;
  let slow = false;
  request.on('data', (bytes: Buffer) => {
    if (bytes.includes('"stream":true')) stream = true;
    if (bytes.includes('"bench-slow"')) slow = true;
  });
  request.on('end', () => {
    const answer = request.url?.includes('chat/completions') ? answers.chat : answers.messages;
    if (!stream) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(answer.whole)) });
      response.end(answer.whole);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(answer.head);
    let sent = 0;
    const next = () => {
      if (response.destroyed) return;
      if (sent >= events) { response.end(answer.tail); return; }
      response.write(answer.burst);
      sent += 5;
      // One burst every two seconds: a stream that is open and does little.
      if (slow) setTimeout(next, 2_000);
      else setImmediate(next);
    };
    next();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const at = server.address();
  process.stdout.write(`${JSON.stringify({ ready: true, port: typeof at === 'object' && at ? at.port : 0 })}\n`);
});
process.on('SIGTERM', () => process.exit(0));
