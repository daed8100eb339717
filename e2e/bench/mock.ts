// A vendor that answers at once: a small whole answer, or a stream of 200 events in bursts of five.
import { createServer } from 'node:http';

const events = 200;
const frame = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify({ type: event, ...(data as object) })}\n\n`;
const usage = { input_tokens: 100, output_tokens: events, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
const message = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'claude-haiku-5-5', content: [{ type: 'text', text: 'hello from the bench' }], stop_reason: 'end_turn', stop_sequence: null, usage };
const whole = JSON.stringify(message);
const head = frame('message_start', { message: { ...message, content: [], stop_reason: null } }) + frame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
const burst = frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'some words of an answer ' } }).repeat(5);
const tail = frame('content_block_stop', { index: 0 }) + frame('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: events } }) + frame('message_stop', {});

const server = createServer((request, response) => {
  let stream = false;
  request.on('data', (bytes: Buffer) => { if (bytes.includes('"stream":true')) stream = true; });
  request.on('end', () => {
    if (!stream) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(whole)) });
      response.end(whole);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(head);
    let sent = 0;
    const next = () => {
      if (response.destroyed) return;
      if (sent >= events) { response.end(tail); return; }
      response.write(burst);
      sent += 5;
      setImmediate(next);
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
