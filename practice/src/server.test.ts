import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isLoose, looseOf, parseJson } from '@fairlead/shared/wire/json.ts';
import { DIALECT_NAMES } from '@fairlead/shared/wire/dialect-name.ts';
import { ask } from './testing/asks.ts';
import { CREDENTIAL, DIGEST, openStage, type Stage } from './testing/practice-client.ts';

const TERMINAL = { 'anthropic-messages': '"message_stop"', 'openai-chat': '[DONE]', 'openai-responses': '"response.completed"', 'gemini-generate': '"STOP"' } as const;

async function lastCall(stage: Stage): Promise<Record<string, unknown>> {
  const call = looseOf((await stage.look('calls'))['calls']).at(-1);
  if (!call) throw new Error('no call was recorded');
  return call;
}

/** Asks until the last call is no longer open: a record closes just after its client sees the end. */
async function settledCall(stage: Stage, field: string): Promise<Record<string, unknown>> {
  for (;;) {
    const call = await lastCall(stage);
    if (call[field] !== null) return call;
  }
}

describe.each(DIALECT_NAMES)('%s', (dialect) => {
  it('says that its answer is simulated, whole and streamed', async () => {
    await using stage = await openStage();
    for (const stream of [false, true]) {
      const { path, body } = ask(dialect, 'hello', stream);
      const read = await stage.post(path, body);
      expect(read.status).toBe(200);
      expect(read.text).toContain('Simulated answer');
      if (stream) expect(read.frames.slice(-2).map((frame) => frame.data).join()).toContain(TERMINAL[dialect]);
    }
  });

  it('calls the offered shell with the wished command', async () => {
    await using stage = await openStage();
    for (const stream of [false, true]) {
      const { path, body } = ask(dialect, 'please [[call SHELL {"command":"echo ]] {1}"}]]', stream);
      const read = await stage.post(path, body);
      const text = read.frames.length > 0 ? read.frames.map((frame) => frame.data).join('') : read.text;
      expect(text).toMatch(/"name":\s?"(Bash|shell|exec_command|run_shell_command)"/);
      expect(text).not.toContain('Simulated answer');
    }
  });

  it('refuses a credential it does not know, in its own shape, and never repeats it', async () => {
    await using stage = await openStage();
    const { path, body } = ask(dialect, 'hello', true);
    const read = await stage.post(path, body, { headers: { authorization: 'Bearer not-the-credential' } });
    expect(read.status).toBe(401);
    expect(isLoose(parseJson(read.text))).toBe(true);
    expect(read.text).toContain('"error":{');
    expect(read.text).not.toContain('not-the-credential');
  });

  it('refuses a model and a field it does not know', async () => {
    await using stage = await openStage();
    const unknown = ask(dialect, 'hello', false, 'no-such-model');
    const strange = ask(dialect, 'hello', false);
    expect((await stage.post(unknown.path, unknown.body)).status).toBe(404);
    const read = await stage.post(strange.path, { ...strange.body, strange_field: 1 });
    expect([read.status, read.text.includes('strange_field')]).toEqual([400, true]);
  });

  it.each(['cut', 'early-end', 'error-event'] as const)('never ends a stream like a success when told to %s', async (name) => {
    await using stage = await openStage();
    const { path, body } = ask(dialect, `hello [[practice ${name} {"after":4}]]`, true);
    const read = await stage.post(path, body);
    expect(read.broken).toBe(name === 'cut');
    expect(read.frames).toHaveLength(name === 'error-event' ? 5 : 4);
    expect(read.text).not.toContain(TERMINAL[dialect]);
    expect((await settledCall(stage, 'endedMs'))['outcome']).toBe('misbehaved');
    expect((await lastCall(stage))['clientLeftMs']).toBeNull();
  });

  it.each([402, 403, 404, 429, 500, 503, 529])('fails with %i when a script says so, once', async (status) => {
    await using stage = await openStage();
    await stage.look('script', 'POST', { next: [{ do: String(status) }] });
    const { path, body } = ask(dialect, 'hello', true);
    const refused = await stage.post(path, body);
    expect(refused.status).toBe(status);
    expect(refused.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
    expect((await stage.post(path, body)).status).toBe(200);
  });

  it('streams as many text events as it is told', async () => {
    await using stage = await openStage();
    const { path, body } = ask(dialect, 'hello [[practice many {"events":200,"bytes":8}]]', true);
    const read = await stage.post(path, body);
    expect(read.frames.filter((frame) => /"\d+ \.+"/.test(frame.data)).length).toBeGreaterThanOrEqual(200);
  });

  it('can lie with a success that is none', async () => {
    await using stage = await openStage();
    const { path, body } = ask(dialect, 'hello', true);
    await stage.look('script', 'POST', { next: [{ do: 'fake-200' }, { do: 'fake-200', body: 'html' }, { do: 'html' }] });
    const [error, html, page] = [await stage.post(path, body), await stage.post(path, body), await stage.post(path, body)];
    expect([error.status, html.status, page.status]).toEqual([200, 200, 502]);
    expect(error.text).toContain('"error":{');
    expect(html.text + page.text).toMatch(/^<!doctype html>.*<!doctype html>/s);
  });

  it('notes when the client of a stalled stream leaves', async () => {
    await using stage = await openStage();
    const { path, body } = ask(dialect, 'hello [[practice stall {"after":2}]]', true);
    const leave = new AbortController();
    const response = await fetch(`${stage.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${CREDENTIAL}` }, body: JSON.stringify(body), signal: leave.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    expect((await lastCall(stage))['outcome']).toBe('open');
    leave.abort();
    const call = await settledCall(stage, 'clientLeftMs');
    expect(call['outcome']).toBe('client-left');
  });
});

describe('a client that leaves', () => {
  it.each(['slow {"ms":3600000}', 'trickle {"ms":3600000}', 'stall {"after":0}', 'many {"events":2000,"bytes":65536}'])('ends a call told to be %s at once, with all its timers', async (wish) => {
    await using stage = await openStage();
    // A connection that nobody reads is full after some megabytes, whatever is still to be sent.
    const { path, body } = ask('openai-chat', `hello [[practice ${wish}]]`, true);
    const leave = new AbortController();
    const answer = fetch(`${stage.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${CREDENTIAL}` }, body: JSON.stringify(body), signal: leave.signal });
    answer.catch(() => undefined);
    while (looseOf((await stage.look('calls'))['calls']).length === 0);
    while ((await lastCall(stage))['model'] === null);
    leave.abort();
    const call = await settledCall(stage, 'clientLeftMs');
    expect(call).toMatchObject({ outcome: 'client-left', endedMs: call['clientLeftMs'] });
  });
});

describe('the door', () => {
  it.each(['authorization', 'x-api-key', 'x-goog-api-key', 'key'])('finds the credential in %s', async (place) => {
    await using stage = await openStage();
    const headers = place === 'key' ? {} : { [place]: place === 'authorization' ? `Bearer ${CREDENTIAL}` : CREDENTIAL };
    const response = await fetch(`${stage.url}/v1beta/models${place === 'key' ? `?key=${CREDENTIAL}` : ''}`, { headers });
    expect(response.status).toBe(200);
  });

  it('answers one path with the list of each dialect', async () => {
    await using stage = await openStage();
    const lists = await Promise.all(
      [{ 'anthropic-version': '2023-06-01' }, { 'x-goog-api-key': CREDENTIAL }, {}].map(async (headers) => (await fetch(`${stage.url}/v1/models`, { headers: { authorization: `Bearer ${CREDENTIAL}`, ...headers } })).text()),
    );
    expect(lists.map((list) => ['"has_more"', '"models"', '"object":"list"'].filter((sign) => list.includes(sign)))).toEqual([['"has_more"'], ['"models"'], ['"object":"list"']]);
  });

  it('keeps no text of a body, only its size and digest', async () => {
    await using stage = await openStage();
    const { path, body } = ask('anthropic-messages', 'a secret recipe', false);
    await stage.post(path, body);
    const calls = JSON.stringify(await stage.look('calls'));
    expect(calls).not.toContain('recipe');
    expect(calls).not.toContain(CREDENTIAL);
    expect(calls).toContain(`"bodyBytes":${JSON.stringify(body).length}`);
    expect((await lastCall(stage))['credential']).toBe(DIGEST.slice(0, 8));
  });

  it('refuses the wait for a socket with a hint to post instead', async () => {
    await using stage = await openStage();
    const socket = connect(stage.practice.port, '127.0.0.1');
    socket.write('GET /v1/responses HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    const [data] = await once(socket, 'data');
    socket.destroy();
    expect(String(data)).toMatch(/^HTTP\/1\.1 426 /);
  });

  it('plays a script only for the calls it names, and an endless one until it is cleared', async () => {
    await using stage = await openStage();
    const { path, body } = ask('openai-chat', 'hello', false);
    await stage.look('script', 'POST', { always: { do: '503' }, when: { model: 'gpt-5.5', credential: DIGEST.slice(0, 8) } });
    const statusOf = async (model: string): Promise<number> => (await stage.post(path, { ...body, model })).status;
    expect([await statusOf('practice-1'), await statusOf('gpt-5.5'), await statusOf('gpt-5.5')]).toEqual([200, 503, 503]);
    await stage.look('script', 'DELETE');
    expect(await statusOf('gpt-5.5')).toBe(200);
  });

  it('refuses a script and a directive that make no sense, and says why', async () => {
    await using stage = await openStage();
    const script = await stage.look('script', 'POST', { next: [{ do: 'explode' }] });
    expect([script['httpStatus'], JSON.stringify(script['error'])]).toEqual([400, expect.stringContaining('next.0.do')]);
    const { path, body } = ask('openai-chat', '[[practice cut {"after":"soon"}]]', false);
    const read = await stage.post(path, body);
    expect([read.status, read.text.includes('after')]).toEqual([400, true]);
  });

  it('writes the wait of a refusal as a date when asked', async () => {
    await using stage = await openStage(() => Date.UTC(2026, 0, 1));
    await stage.look('script', 'POST', { next: [{ do: '429', retryAfterS: 90, date: true }] });
    const { path, body } = ask('gemini-generate', 'hello', false);
    const read = await stage.post(path, body);
    expect(read.headers.get('retry-after')).toBe('Thu, 01 Jan 2026 00:01:30 GMT');
    expect(read.text).toContain('"retryDelay":"90s"');
  });
});

describe('the bill', () => {
  it.each(DIALECT_NAMES)('of %s is what the client was told', async (dialect) => {
    await using stage = await openStage();
    const whole = ask(dialect, 'hello', false, 'gpt-6');
    const streamed = ask(dialect, 'hello', true, 'gpt-6');
    const read = [await stage.post(whole.path, whole.body), await stage.post(streamed.path, streamed.body)];
    const [line] = looseOf((await stage.look('bill'))['bill']);
    const tokens = isLoose(line?.['tokens']) ? line['tokens'] : {};
    const told = read.map(({ text }) => Number([...text.matchAll(/"(?:output_tokens|completion_tokens|candidatesTokenCount)":(\d+)/g)].at(-1)?.[1]));
    expect(tokens['output']).toBe(told.reduce((sum, one) => sum + one, 0));
    expect([line?.['requests'], line?.['model'], line?.['credential']]).toEqual([2, 'gpt-6', DIGEST]);
    // $2 and $12 per million: 2,000 and 12,000 nano-USD a token.
    expect(line?.['costNano']).toBe(String(Number(tokens['input']) * 2_000 + Number(tokens['output']) * 12_000));
  });

  it('of a stream that was cut holds only what had been told before', async () => {
    await using stage = await openStage();
    const { path, body } = ask('anthropic-messages', 'hello [[practice cut {"after":5}]]', true);
    const read = await stage.post(path, body);
    const input = Number(/"input_tokens":(\d+)/.exec(read.text)?.[1]);
    const [line] = looseOf((await stage.look('bill'))['bill']);
    expect(line?.['tokens']).toMatchObject({ input, output: 1 });
  });

  it('does not hold what was refused or only counted', async () => {
    await using stage = await openStage();
    const { path, body } = ask('anthropic-messages', 'hello [[practice 529]]', false);
    await stage.post(path, body);
    const { max_tokens: _, stream: __, ...counted } = body;
    expect(JSON.parse((await stage.post('/v1/messages/count_tokens', counted)).text)).toEqual({ input_tokens: expect.any(Number) });
    expect((await stage.look('bill'))['bill']).toEqual([]);
  });
});

describe('Responses', () => {
  const asked = { model: 'practice-1', input: 'hello', stream: true, reasoning: { effort: 'low', summary: 'auto' } };

  it('gives sealed reasoning to those who ask for it, at the end of its item, and takes it back', async () => {
    await using stage = await openStage();
    const without = await stage.post('/v1/responses', asked);
    expect(without.text).not.toContain('encrypted_content');
    const read = await stage.post('/v1/responses', { ...asked, include: ['reasoning.encrypted_content'] });
    const events = read.frames.map((frame) => parseJson(frame.data)).filter(isLoose);
    const items = (type: string) => events.filter((event) => event['type'] === type).map((event) => event['item']).filter(isLoose);
    expect(items('response.output_item.added')[0]).not.toHaveProperty('encrypted_content');
    const [reasoning, message] = items('response.output_item.done');
    const again = await stage.post('/v1/responses', { ...asked, input: [{ role: 'user', content: 'hello' }, reasoning, message, { role: 'user', content: 'and now?' }] });
    expect([again.status, typeof reasoning?.['encrypted_content']]).toEqual([200, 'string']);
  });

  it('refuses to answer when it is told to', async () => {
    await using stage = await openStage();
    const read = await stage.post('/v1/responses', { ...asked, input: 'x [[say {"text":"I will not.","refusal":true}]]' });
    expect(read.text).toContain('{"type":"refusal","refusal":"I will not."}');
  });
});
