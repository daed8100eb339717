// A Bedrock and a Vertex of our own: they check who signs as the real ones do, by themselves, and answer as Claude does there.
import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';

/** How the next streams end. */
export type Ending = 'whole' | 'cut' | 'damaged' | 'exception' | 'throttled';

/** A call that one of them took or refused. */
export interface CloudCall { path: string; status: number; body: Record<string, unknown>; headers: IncomingMessage['headers'] }

/** Both clouds behind one port. */
export interface Clouds { url: string; calls: CloudCall[]; ending: Ending; /** Ends the stream that is not to end well; its content has been sent. */ breakOff(): void; close(): Promise<void> }

/** Whom they know: one access key of AWS, one service account of Google. */
export interface KnownToClouds { accessKeyId: string; secretAccessKey: string; sessionToken: string; serviceAccount: string; publicKeyPem: string }

const accessToken = 'ya29.story-access-token-0123456789';
const events = [
  { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [], stop_reason: null, usage: { input_tokens: 9, output_tokens: 1 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ...['Hel', 'lo fr', 'öm the ☁'].map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
  { type: 'message_stop' },
];
const whole = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [{ type: 'text', text: 'Hello fröm the ☁' }], stop_reason: 'end_turn', usage: { input_tokens: 9, output_tokens: 7 } };

/** Opens them on a free port of this machine. */
export async function openClouds(known: KnownToClouds): Promise<Clouds> {
  const calls: CloudCall[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const bytes = Buffer.concat(pieces);
      const path = request.url ?? '';
      response.once('finish', () => calls.push({ path, status: response.statusCode, body: path === '/token' ? {} : JSON.parse(bytes.toString()) as Record<string, unknown>, headers: request.headers }));
      if (path === '/token') giveToken(bytes, response, { ...known, audience: `${clouds.url}/token` });
      else if (path.startsWith('/model/')) bedrock(request, bytes, response, known, clouds);
      else vertex(request, response, clouds);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const at = server.address();
  const clouds: Clouds = {
    url: `http://127.0.0.1:${typeof at === 'object' && at ? at.port : 0}`, calls, ending: 'whole', breakOff: () => undefined,
    close: () => new Promise((done) => { server.closeAllConnections(); server.close(() => done()); }),
  };
  return clouds;
}

function say(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function bedrock(request: IncomingMessage, body: Buffer, response: ServerResponse, known: KnownToClouds, clouds: Clouds): void {
  const problem = signatureProblem(request, body, known);
  if (problem !== undefined) return say(response, 403, { message: problem });
  if (!request.url?.endsWith('/invoke-with-response-stream')) return say(response, 200, whole);
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
  if (clouds.ending === 'throttled') { response.end(exceptionMessage('throttlingException', 'Slow down.')); return; }
  const messages = events.map(chunkMessage);
  if (clouds.ending === 'whole') {
    // In pieces that end nowhere in particular.
    const all = Buffer.concat(messages);
    for (let from = 0; from < all.length; from += 37) response.write(all.subarray(from, from + 37));
    response.end();
    return;
  }
  const next = Buffer.from(messages[4] ?? []);
  next.writeUInt8(next.readUInt8(40) ^ 1, 40);
  const last = { cut: next.subarray(0, 20), damaged: Buffer.concat([next, ...messages.slice(5)]), exception: exceptionMessage('modelStreamErrorException', 'The model stumbled.') }[clouds.ending];
  response.write(Buffer.concat(messages.slice(0, 4)));
  clouds.breakOff = () => { response.end(last); };
}

/** What is wrong with a signature of AWS, version 4; undefined when it holds. */
function signatureProblem(request: IncomingMessage, body: Buffer, known: KnownToClouds): string | undefined {
  const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/bedrock\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '');
  if (!match) return 'Missing Authentication Token';
  const [, id, day = '', region = '', names = '', signature] = match;
  if (id !== known.accessKeyId || request.headers['x-amz-security-token'] !== known.sessionToken) return 'The security token included in the request is invalid.';
  if (!names.split(';').includes('x-amz-security-token') || !names.split(';').includes('host')) return 'The host and the token must be signed.';
  const time = String(request.headers['x-amz-date']);
  const path = (request.url ?? '').split('/').map((part) => encodeURIComponent(part).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)).join('/');
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join('');
  const canonical = ['POST', path, '', headers, names, createHash('sha256').update(body).digest('hex')].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, `${day}/${region}/bedrock/aws4_request`, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [region, 'bedrock', 'aws4_request'].reduce((made, part) => hmac(made, part), hmac(`AWS4${known.secretAccessKey}`, day));
  return hmac(key, toSign).toString('hex') === signature ? undefined : 'The request signature we calculated does not match the signature you provided.';
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function vertex(request: IncomingMessage, response: ServerResponse, clouds: Clouds): void {
  if (request.headers.authorization !== `Bearer ${accessToken}`) return say(response, 401, [{ error: { code: 401, message: 'Request had invalid authentication credentials.', status: 'UNAUTHENTICATED' } }]);
  if (request.url?.endsWith('/count-tokens:rawPredict')) return say(response, 200, { input_tokens: 9 });
  if (!request.url?.endsWith(':streamRawPredict')) return say(response, 200, whole);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const frames = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  if (clouds.ending === 'whole') { response.end(frames.join('')); return; }
  response.write(frames.slice(0, 4).join(''));
  clouds.breakOff = () => { response.end(); };
}

function giveToken(body: Buffer, response: ServerResponse, known: KnownToClouds & { audience: string }): void {
  const form = new URLSearchParams(body.toString());
  const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const said = claims === '' ? {} : JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
  const genuine = verify('sha256', Buffer.from(`${head}.${claims}`), createPublicKey(known.publicKeyPem), Buffer.from(signature, 'base64url'));
  const nowS = Date.now() / 1000;
  const fits = said.iss === known.serviceAccount && said.aud === known.audience && Number(said.iat) <= nowS + 1 && Number(said.exp) > nowS && form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  if (genuine && fits) say(response, 200, { access_token: accessToken, expires_in: 3_599, token_type: 'Bearer' });
  else say(response, 400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
}

function chunkMessage(event: unknown): Buffer {
  return eventMessage({ ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' }, { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcdefgh' });
}

function exceptionMessage(name: string, message: string): Buffer {
  return eventMessage({ ':exception-type': name, ':content-type': 'application/json', ':message-type': 'exception' }, { message });
}

function eventMessage(headers: Record<string, string>, payload: unknown): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7, 0, value.length]), Buffer.from(value)])));
  const body = Buffer.from(JSON.stringify(payload));
  const message = Buffer.alloc(16 + head.length + body.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  head.copy(message, 12);
  body.copy(message, 12 + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, message.length - 4)), message.length - 4);
  return message;
}
