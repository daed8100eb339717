import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A wire between two processes that can be cut, and that can lose what comes back. */
export interface Wire {
  port: number;
  /** Ends what is under way and lets nothing through. */
  cut(): void;
  /** Requests still arrive; their answers do not. */
  deafen(): void;
  heal(): void;
  close(): Promise<void>;
}

/** Opens a wire to a port of this machine. */
export async function openWire(to: number): Promise<Wire> {
  const open = new Set<Socket>();
  let state: 'whole' | 'deaf' | 'cut' = 'whole';
  const server = createServer((near) => {
    if (state === 'cut') { near.resetAndDestroy(); return; }
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => { open.delete(socket); near.destroy(); far.destroy(); });
    }
    near.pipe(far);
    far.on('data', (bytes) => { if (state === 'whole') near.write(bytes); });
  });
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  const end = () => { for (const socket of open) socket.destroy(); };
  return {
    port: (server.address() as AddressInfo).port,
    cut() { state = 'cut'; end(); },
    deafen() { state = 'deaf'; },
    // Whoever waited for a lost answer would wait for the rest of it.
    heal() { if (state === 'deaf') end(); state = 'whole'; },
    close: () => new Promise((done) => { state = 'cut'; end(); server.close(() => done()); }),
  };
}
