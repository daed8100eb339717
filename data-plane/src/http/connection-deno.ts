import type { Context } from 'hono';
import type { Answer } from '../journey/reply.ts';
import type { Connection } from './connection.ts';

/** A connection on Deno. Its request signal also fires after success, so a streamed answer listens to the stream's cancel instead. */
export function connectDeno(context: Context): Connection {
  const info = context.env as { remoteAddr?: { hostname?: string } };
  const request = context.req.raw;
  return {
    remoteAddress: info.remoteAddr?.hostname ?? '',
    body: request.body ?? empty(),
    left: request.signal,
    send: (answer) => new Response(bodyOf(answer), { status: answer.status, headers: answer.headers }),
  };
}

function bodyOf({ body }: Answer): BodyInit {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  const source = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const step = await source.next();
        if (step.done === true) { controller.close(); return; }
        if (step.value.length > 0) { controller.enqueue(step.value); return; }
      }
    },
    async cancel() { await source.return?.(); },
  }, { highWaterMark: 0 });
}

async function* empty(): AsyncGenerator<Uint8Array> {}
