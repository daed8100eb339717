import { Stop } from '@fairlead/shared/time/stop.ts';
import type { Answer } from '../journey/reply.ts';
import type { Connect } from './connection.ts';
import { collect } from './read-inbound.ts';

/** The connections of one server on Deno, and their end: what hangs is cut, as `closeAllConnections` does on Node. */
export function openDenoConnections(): { connect: Connect; cut(): void } {
  const open = new Set<Stop>();
  return {
    // A request's signal also fires after success, so a streamed answer listens to the stream's cancel too.
    connect(context) {
      const info = context.env as { remoteAddr?: { hostname?: string } };
      const request = context.req.raw;
      const left = new Stop();
      open.add(left);
      request.signal.addEventListener('abort', () => { open.delete(left); left.abort(request.signal.reason); }, { once: true });
      return {
        remoteAddress: info.remoteAddr?.hostname ?? '',
        read: (limits) => collect(request.body ?? empty(), limits),
        left: left.signal,
        async send(answer) {
          try {
            return new Response(bodyOf(answer), { status: answer.status, headers: answer.headers });
          } catch (cause) {
            // Nobody will read it, so its account would stay open.
            if (!(answer.body instanceof Uint8Array)) await answer.body[Symbol.asyncIterator]().return?.();
            throw cause;
          }
        },
      };
    },
    cut() { for (const left of open) left.abort(new Error('the node is stopping')); },
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
