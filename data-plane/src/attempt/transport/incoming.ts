import { Buffer } from 'node:buffer';
import type { Dispatcher } from 'undici';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { Pull, Pullable } from '../../journey/pull.ts';
import type { UpstreamAnswer } from './transport.ts';

/** What is held of an answer that nobody takes; then the upstream has to wait. */
const heldMostBytes = 64 * 1024;

type Controller = Dispatcher.DispatchController;

/**
 * One answer on its way in: undici's events on one side, pulled pieces on the other. Undici's own Readable costs
 * more than all that we do with most answers, and 10 KB for as long as a stream is open.
 */
export class Incoming implements Dispatcher.DispatchHandler, Pullable, Pull {
  /** The answer, when its head has come; rejected when none comes. */
  readonly head: Promise<UpstreamAnswer>;
  #answered: (answer: UpstreamAnswer) => void = () => undefined;
  #refused: (error: Error) => void = () => undefined;
  readonly #signal: Signal;
  #controller: Controller | undefined;
  #pieces: Uint8Array[] = [];
  #heldBytes = 0;
  #ended = false;
  #failed: Error | undefined;
  #wake: (() => void) | undefined;
  readonly #onAbort = (): void => this.#stopped(asError(this.#signal.reason));

  constructor(signal: Signal) {
    this.#signal = signal;
    this.head = new Promise((resolve, reject) => { this.#answered = resolve; this.#refused = reject; });
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Controller): void {
    // What was stopped while it waited for a connection is not sent.
    if (this.#failed) controller.abort(this.#failed);
    this.#controller = controller;
  }

  onResponseStart(_: Controller, status: number, headers: UpstreamAnswer['headers']): void {
    if (status >= 200) this.#answered({ status, headers, body: this });
  }

  onResponseData(controller: Controller, bytes: Uint8Array): void {
    if (this.#failed || bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= heldMostBytes) controller.pause();
    this.#woken();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#over();
    this.#woken();
  }

  onResponseError(_: Controller | null, error: Error): void {
    if (!this.#ended) this.#broke(error);
  }

  /** It was not sent at all. */
  refuse(cause: unknown): void {
    this.#broke(asError(cause));
  }

  next(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    return this.#isIdle() ? this.#comes() : this.#take();
  }

  #isIdle(): boolean {
    return this.#pieces.length === 0 && !this.#failed && !this.#ended;
  }

  async #comes(): Promise<Uint8Array | undefined> {
    while (this.#isIdle()) await new Promise<void>((resolve) => { this.#wake = resolve; });
    return this.#take();
  }

  /** All that is held in one piece: what came in one packet is looked at and sent on once. */
  #take(): Uint8Array | undefined {
    const pieces = this.#pieces;
    if (pieces.length === 0) {
      if (this.#failed) throw this.#failed;
      return undefined;
    }
    const bytes = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, this.#heldBytes);
    this.#pieces = [];
    this.#heldBytes = 0;
    this.#controller?.resume();
    return bytes;
  }

  stop(): void {
    if (!this.#ended) this.#stopped(new Error('no more of the answer was wanted'));
  }

  pull(): Pull {
    return this;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (let bytes = await this.next(); bytes !== undefined; bytes = await this.next()) yield bytes;
    } finally {
      this.stop();
    }
  }

  /** By us: what is held is not wanted any more either. */
  #stopped(reason: Error): void {
    this.#pieces = [];
    this.#heldBytes = 0;
    this.#broke(reason);
    this.#controller?.abort(reason);
  }

  /** What came before the break is still given. */
  #broke(error: Error): void {
    this.#failed ??= error;
    this.#over();
    this.#refused(this.#failed);
    this.#woken();
  }

  #woken(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #over(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
