import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A connection on which a story writes bytes as no library would. */
export interface RawClient {
  socket: Socket;
  /** Everything heard so far. */
  heard(): string;
  /** Resolves when what was heard fits; rejects when the connection ends or time is up before. */
  until(pattern: RegExp, mostMs?: number): Promise<string>;
  closed: Promise<void>;
}

/** Opens one. */
export async function openRaw(url: string): Promise<RawClient> {
  const at = new URL(url);
  const socket = connect({ host: at.hostname, port: Number(at.port) });
  let text = '';
  const looks = new Set<() => void>();
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => { text += piece; for (const look of looks) look(); });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((done) => { socket.once('close', () => { for (const look of looks) look(); done(); }); });
  await new Promise<void>((done, fail) => { socket.once('connect', done); socket.once('error', fail); });
  return {
    socket, closed, heard: () => text,
    until: (pattern, mostMs = 5_000) => new Promise((done, fail) => {
      const end = (settle: () => void) => { clearTimeout(timer); looks.delete(look); settle(); };
      const look = () => {
        if (pattern.test(text)) end(() => done(text));
        else if (socket.destroyed) end(() => fail(new Error(`the connection ended after: ${text.slice(0, 500)}`)));
      };
      const timer = setTimeout(() => end(() => fail(new Error(`nothing like ${String(pattern)} within ${mostMs} ms, but: ${text.slice(0, 500)}`))), mostMs);
      looks.add(look);
      look();
    }),
  };
}
