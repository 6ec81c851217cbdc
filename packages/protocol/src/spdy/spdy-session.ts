import type { HttpHeaders } from '../http-message.ts';
import { FrameWriter, type FrameWriterOptions } from './frame-writer.ts';
import { decodeHeaderBlock } from './header-block.ts';
import { SendWindow } from './send-window.ts';
import { SpdyDecoder } from './spdy-decoder.ts';
import { SpdyError } from './spdy-error.ts';
import { type SpdyFrame, initialWindowSetting, spdyResetStatus } from './spdy-frame.ts';
import { SpdyStream, type StreamCarrier } from './spdy-stream.ts';

export interface SpdySessionOptions extends Pick<FrameWriterOptions, 'write' | 'compression'> {
  readonly role: 'client' | 'server';
  /**
   * Called for a stream that the other side opened: reply to it, or reset it. Refused when absent.
   */
  readonly onStream?: (stream: SpdyStream) => void;
  /** Streams that the other side may have open at a time; 1024 when absent. */
  readonly streamsMax?: number;
}

/** Unread bytes of a stream, from which on the other side is held back. */
const streamWindowBytes = 256 * 1024;
/** The initial window of a SPDY/3.1 connection: what each side may send before an update. */
const sessionWindowBytes = 64 * 1024;
/** A frame never keeps others waiting for long. */
const dataBytesMax = 32 * 1024;

/**
 * One side of a SPDY/3.1 connection: many streams over one pair of byte streams.
 *
 * Hand every chunk that arrives to `receive`, one after the other, and call `end` after the last.
 * Windows count between two sides that both announce theirs by SETTINGS, as this one does. Those
 * of Kubernetes do not: there, a stream whose reader is slow holds the connection back, because
 * `receive` waits.
 *
 * Source: SPDY/3.1 §2.3, §2.6.
 */
export class SpdySession {
  readonly #options: SpdySessionOptions;
  readonly #decoder = new SpdyDecoder();
  readonly #writer: FrameWriter;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #pings = new Map<number, { resolve(): void; reject(reason: unknown): void }>();
  readonly #carrier: StreamCarrier;
  readonly #window = new SendWindow(Number.POSITIVE_INFINITY);
  readonly #untoldBytes = new Map<number, number>();
  #peerWindowBytes: number | undefined;
  #nextStreamId: number;
  #nextPingId: number;
  #lastPeerStreamId = 0;
  #isGoingAway = false;
  #over: SpdyError | undefined;

  constructor(options: SpdySessionOptions) {
    this.#options = options;
    this.#writer = new FrameWriter({ ...options, onFailure: (cause) => this.end(cause) });
    this.#nextStreamId = options.role === 'client' ? 1 : 2;
    this.#nextPingId = this.#nextStreamId;
    this.#carrier = {
      sendData: (stream, bytes, isFinal) => this.#sendData(stream, bytes, isFinal),
      sendReply: (stream, headers) => this.#writer.reply(stream.id, headers),
      sendReset: (stream, status) =>
        this.#writer.send({ kind: 'rst-stream', streamId: stream.id, status }),
      taken: (stream, count) => this.#taken(stream, count),
      forget: (stream) => {
        this.#streams.delete(stream.id);
        this.#untoldBytes.delete(stream.id);
      },
    };
    const settings = [{ id: initialWindowSetting, flags: 0, value: streamWindowBytes }];
    void this.#writer.answer({ kind: 'settings', settings });
  }

  /** Streams that are open. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** True when no stream can be opened any more. */
  get isOver(): boolean {
    return this.#over !== undefined || this.#isGoingAway;
  }

  /** Opens a stream and waits until the other side has accepted it. Errors: `SpdyError`. */
  async open(headers: HttpHeaders): Promise<SpdyStream> {
    if (this.#over !== undefined) throw this.#over;
    if (this.#isGoingAway) throw gone('it is going away');
    const id = this.#nextStreamId;
    if (id > 0x7fffffff) throw gone('it has used up its streams');
    this.#nextStreamId += 2;
    const stream = this.#addStream(id, headers);
    await this.#writer.open(id, headers);
    await stream.replied;
    return stream;
  }

  /** Resolves when the other side has answered. Errors: `SpdyError` when it is gone. */
  async ping(): Promise<void> {
    if (this.#over !== undefined) throw this.#over;
    const id = this.#nextPingId;
    this.#nextPingId = id >= 0x7ffffffd ? id - 0x7ffffffc : id + 2;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pings.set(id, { resolve, reject });
    promise.catch(() => {}); // Sending may fail first.
    await this.#writer.send({ kind: 'ping', id });
    await promise;
  }

  /** Says that no more streams are taken. Those that are open go on. */
  async goAway(status = 0): Promise<void> {
    if (this.#over !== undefined || this.#isGoingAway) return;
    this.#isGoingAway = true;
    await this.#writer.send({ kind: 'goaway', lastStreamId: this.#lastPeerStreamId, status });
  }

  /** The connection is over: what is open fails. `cause`: why, when that is not just its end. */
  end(cause?: unknown): void {
    if (this.#over !== undefined) return;
    const failure =
      cause instanceof SpdyError
        ? cause
        : gone(cause instanceof Error ? cause.message : 'it was closed');
    this.#over = failure;
    this.#writer.close(failure);
    for (const stream of this.#streams.values()) stream.fail(failure);
    for (const { reject } of this.#pings.values()) reject(failure);
    this.#pings.clear();
    this.#window.fail(failure);
    this.#options.compression.close();
  }

  /**
   * Takes bytes of the other side. Resolves when there is room for more.
   *
   * Errors: `SpdyError` when they are not SPDY/3.1; the connection is to be closed then.
   */
  async receive(chunk: Uint8Array): Promise<void> {
    try {
      for (const frame of this.#decoder.push(chunk)) await this.#handle(frame);
    } catch (error) {
      if (this.#over === undefined && error instanceof SpdyError) {
        await this.goAway(1).catch(() => {});
        this.end(error);
      }
      throw error;
    }
  }

  async #handle(frame: SpdyFrame): Promise<void> {
    switch (frame.kind) {
      case 'syn-stream':
        return await this.#accept(frame);
      case 'syn-reply':
      case 'headers': {
        const headers = await this.#decompress(frame.headerBlock);
        const stream = this.#streams.get(frame.streamId);
        if (frame.kind === 'syn-reply') stream?.accept(headers);
        if (frame.isFinal) await stream?.receive(new Uint8Array(), true);
        return;
      }
      case 'data': {
        const stream = this.#streams.get(frame.streamId);
        // The connection gets its room back at once: a slow reader holds back its stream only.
        this.#tell(0, frame.bytes.length);
        // Frames that were on their way when a stream was reset are ignored.
        if (stream === undefined || stream.isReceivingOver) return;
        return await stream.receive(frame.bytes, frame.isFinal);
      }
      case 'rst-stream': {
        const { streamId, status } = frame;
        const message = `stream ${streamId} was reset by the other side (status ${status})`;
        return this.#streams.get(streamId)?.fail(new SpdyError('reset', message, { status }));
      }
      case 'ping':
        return await this.#answerPing(frame.id);
      case 'goaway':
        return this.#leave(frame.lastStreamId);
      case 'settings':
        return this.#adjust(frame);
      case 'window-update':
        if (this.#peerWindowBytes === undefined) return;
        (frame.streamId === 0 ? this.#window : this.#streams.get(frame.streamId)?.window)?.add(
          frame.delta,
        );
        return;
    }
  }

  async #accept(frame: Extract<SpdyFrame, { kind: 'syn-stream' }>): Promise<void> {
    const { streamId } = frame;
    const headers = await this.#decompress(frame.headerBlock);
    const isTheirs = streamId % 2 === (this.#options.role === 'client' ? 0 : 1);
    if (!isTheirs || streamId <= this.#lastPeerStreamId) {
      throw new SpdyError('malformed', `stream ${streamId} cannot be opened by the other side`);
    }
    this.#lastPeerStreamId = streamId;
    const { onStream, streamsMax = 1024 } = this.#options;
    const isWelcome = onStream !== undefined && this.#streams.size < streamsMax;
    if (!isWelcome || this.isOver) {
      const status = spdyResetStatus.refused;
      return await this.#writer.answer({ kind: 'rst-stream', streamId, status });
    }
    const stream = this.#addStream(streamId, headers);
    if (frame.isFinal) await stream.receive(new Uint8Array(), true);
    onStream(stream);
  }

  #addStream(id: number, headers: HttpHeaders): SpdyStream {
    const stream = new SpdyStream(this.#carrier, {
      id,
      headers,
      sendWindow: this.#peerWindowBytes ?? Number.POSITIVE_INFINITY,
      // Only a peer that ignores the window exceeds it.
      waitingBytesMax: streamWindowBytes + 1,
    });
    this.#streams.set(id, stream);
    return stream;
  }

  async #answerPing(id: number): Promise<void> {
    if (id % 2 !== this.#nextPingId % 2) return await this.#writer.answer({ kind: 'ping', id });
    this.#pings.get(id)?.resolve();
    this.#pings.delete(id);
  }

  #leave(lastStreamId: number): void {
    this.#isGoingAway = true;
    const isOurs = (id: number): boolean => id % 2 === this.#nextStreamId % 2;
    for (const stream of this.#streams.values()) {
      if (isOurs(stream.id) && stream.id > lastStreamId) stream.fail(gone('it went away'));
    }
  }

  #adjust({ settings }: Extract<SpdyFrame, { kind: 'settings' }>): void {
    const value = settings.find(({ id }) => id === initialWindowSetting)?.value;
    if (value === undefined) return;
    const before = this.#peerWindowBytes;
    this.#peerWindowBytes = value;
    if (before === undefined) this.#window.limit(sessionWindowBytes);
    for (const { window } of this.#streams.values()) {
      if (before === undefined) window.limit(value);
      else window.add(value - before);
    }
  }

  async #sendData(stream: SpdyStream, bytes: Uint8Array, isFinal: boolean): Promise<void> {
    const { id: streamId, window } = stream;
    let at = 0;
    while (at < bytes.length) {
      await window.room();
      await this.#window.room();
      const wanted = Math.min(bytes.length - at, dataBytesMax);
      const fromStream = window.take(wanted);
      const count = this.#window.take(fromStream);
      if (count < fromStream) window.add(fromStream - count);
      if (count === 0) continue;
      const part = bytes.subarray(at, at + count);
      at += count;
      await this.#writer.send({ kind: 'data', streamId, isFinal: false, bytes: part });
    }
    if (isFinal)
      await this.#writer.send({ kind: 'data', streamId, isFinal, bytes: new Uint8Array() });
  }

  #taken(stream: SpdyStream, count: number): void {
    if (!stream.isReceivingOver) this.#tell(stream.id, count);
  }

  /** Gives room back to the other side, once half of it is used up. */
  #tell(streamId: number, count: number): void {
    if (this.#peerWindowBytes === undefined || this.#over !== undefined) return;
    const untold = (this.#untoldBytes.get(streamId) ?? 0) + count;
    const window = streamId === 0 ? sessionWindowBytes : streamWindowBytes;
    this.#untoldBytes.set(streamId, untold < window / 2 ? untold : 0);
    if (untold < window / 2) return;
    this.#writer
      .send({ kind: 'window-update', streamId, delta: untold })
      .catch((cause: unknown) => this.end(cause));
  }

  async #decompress(block: Uint8Array): Promise<HttpHeaders> {
    return decodeHeaderBlock(await this.#options.compression.decompress(block));
  }
}

function gone(why: string): SpdyError {
  return new SpdyError('gone', `the SPDY connection is over: ${why}`);
}
