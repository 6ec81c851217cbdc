import { type Socket as DatagramSocket, createSocket } from 'node:dgram';
import { type Socket, connect, isIPv6 } from 'node:net';
import type { Clock } from '@fairway/host';
import { MessageFrames, framed } from './message-frames.ts';

/** A server that knows other names. */
export interface NameServer {
  readonly address: string;
  readonly port: number;
}

export interface Asking {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether a message is the answer; others are passed over, as anybody may send them. */
  readonly isAnswer: (message: Buffer) => boolean;
}

/** Asks by one datagram; undefined where no answer comes. A port of its own makes answers hard to forge. */
export function askByDatagram(
  { address, port }: NameServer,
  query: Buffer,
  asking: Asking,
): Promise<Buffer | undefined> {
  let socket: DatagramSocket | undefined;
  return firstAnswer(asking, {
    begin(settle) {
      socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
      socket.on('error', () => settle(undefined));
      socket.on('message', (message) => {
        if (asking.isAnswer(message)) settle(message);
      });
      socket.connect(port, address, () => socket?.send(query, failed(settle)));
    },
    end: () => socket?.close(),
  });
}

/** Asks over a connection, which takes answers of any length; undefined where none comes. */
export function askByConnection(
  { address, port }: NameServer,
  query: Buffer,
  asking: Asking,
): Promise<Buffer | undefined> {
  let socket: Socket | undefined;
  return firstAnswer(asking, {
    begin(settle) {
      const frames = new MessageFrames();
      socket = connect({ host: address, port, noDelay: true });
      socket.on('error', () => settle(undefined));
      socket.on('close', () => settle(undefined));
      socket.on('data', (chunk) => {
        const message = frames.take(chunk).find((each) => asking.isAnswer(each));
        if (message !== undefined) settle(message);
      });
      socket.write(framed(query));
    },
    end: () => socket?.destroy(),
  });
}

type Settle = (answer: Buffer | undefined) => void;

function firstAnswer(
  { clock, timeoutMs, signal }: Asking,
  { begin, end }: { readonly begin: (settle: Settle) => void; readonly end: () => void },
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let isSettled = false;
    const settle: Settle = (answer) => {
      if (isSettled) return;
      isSettled = true;
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      end();
      resolve(answer);
    };
    const onAbort = (): void => settle(undefined);
    const timer = clock.schedule(timeoutMs, onAbort);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) settle(undefined);
    else begin(settle);
  });
}

function failed(settle: Settle): (error: Error | null) => void {
  return (error) => {
    if (error !== null) settle(undefined);
  };
}
