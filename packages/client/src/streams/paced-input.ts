import type { Clock } from '@fairway/host';
import { SpdyError, type SpdySession, type SpdyStream } from '@fairway/protocol/streams';

/** So many frames go unanswered: less than a queue of a server holds, or it would leave some at its socket. */
const unansweredFramesMax = 16;
/**
 * The servers of Kubernetes deal pings out to five queues in turn, and data to the one of its stream: of so many
 * pings, one is answered only when the frames before it have been taken. Source: moby/spdystream.
 */
const pingsForAllQueues = 5;
const frameBytesMax = 32 * 1024;
/** A server tells the end of a process within this after the end of its output, if that is its end. */
const untoldEndMs = 500;

/**
 * The input of a process, sent no faster than it is read. SPDY as Kubernetes speaks it has no windows: input that
 * nobody reads would wait at the server's socket, and when the server closes that, the connection is reset and the
 * last of the output is lost.
 */
export class PacedInput {
  readonly #session: SpdySession;
  readonly #stream: SpdyStream;
  readonly #clock: Clock;
  #unansweredFrames = 0;
  #hasProcessEnded = false;
  #mayGoOn: PromiseWithResolvers<void> | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(session: SpdySession, stream: SpdyStream, clock: Clock) {
    this.#session = session;
    this.#stream = stream;
    this.#clock = clock;
  }

  /** Resolves when there is room for more. Errors: `SpdyError`. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#inOrder(async () => {
      for (let at = 0; at < bytes.length; at += frameBytesMax) {
        if (this.#unansweredFrames === unansweredFramesMax) {
          await Promise.all(Array.from({ length: pingsForAllQueues }, () => this.#session.ping()));
          this.#unansweredFrames = 0;
        }
        await this.#mayGoOn?.promise;
        if (this.#hasProcessEnded) throw new SpdyError('reset', 'the process has ended');
        this.#unansweredFrames += 1;
        await this.#stream.write(bytes.subarray(at, at + frameBytesMax));
      }
    });
  }

  end(): Promise<void> {
    return this.#inOrder(async () => {
      if (!this.#hasProcessEnded) await this.#stream.end();
    });
  }

  /**
   * An output has ended, and so has its process, most likely: input waits until the server tells, or does not. A
   * write that finds the connection closed would take the end of the answer with it.
   */
  outputEnded(): void {
    if (this.#mayGoOn !== undefined) return;
    this.#mayGoOn = Promise.withResolvers();
    const goOn = this.#clock.schedule(untoldEndMs, () => this.#mayGoOn?.resolve());
    void this.#mayGoOn.promise.then(() => goOn.cancel());
  }

  /** The server has told the end of the process, or the connection is over: nothing more is sent. */
  processEnded(): void {
    this.#hasProcessEnded = true;
    this.#mayGoOn?.resolve();
  }

  #inOrder(send: () => Promise<void>): Promise<void> {
    const sent = this.#sending.then(send);
    this.#sending = sent.catch(() => {});
    return sent;
  }
}
