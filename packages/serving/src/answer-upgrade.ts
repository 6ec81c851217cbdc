import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Handler, HttpRequest, UpgradeAnswer, UpgradeHandler } from '@fairway/protocol';
import { byteStreamOf } from '@fairway/protocol/nodejs';
import { type AnswerOptions, answerHttp1, responseOf } from './answer-request.ts';
import { readHttp1Request } from './read-node-request.ts';
import { formatUpgradeHead } from './upgrade.ts';

export interface UpgradingConnection {
  readonly socket: Duplex;
  /** Bytes of the new protocol that came with the request. */
  readonly head: Buffer;
}

/** Answers one request to change the protocol of its connection. Never throws. */
export async function answerUpgrade(
  message: IncomingMessage,
  { socket, head }: UpgradingConnection,
  options: AnswerOptions & { readonly upgradeHandler: UpgradeHandler },
): Promise<void> {
  const caller = new AbortController();
  socket.on('error', () => {}); // `close` follows.
  socket.once('close', () => caller.abort());
  const answer = await decide(message, caller.signal, options);
  if (answer.kind === 'refused') {
    const handler: Handler = async () => answer.response;
    return await answerWithoutUpgrade(message, socket, { ...options, handler });
  }
  const { headers, stream } = answer;
  try {
    // Loaded late: most servers have no streams.
    const { joinByteStreams } = await import('@fairway/protocol/streams');
    socket.write(formatUpgradeHead(headers));
    await joinByteStreams(byteStreamOf(socket, head), stream);
  } catch (error) {
    if (!caller.signal.aborted && !isDeparture(error)) {
      options.logger.error('upgraded connection cut off', {
        path: message.url?.split('?')[0],
        error,
      });
    }
    socket.destroy();
    stream.destroy();
  }
}

/** Either party may go while the other still says something; then nothing has failed. */
function isDeparture(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    // The last: what was still being written when the far end closed.
    ['EPIPE', 'ECONNRESET', 'ECANCELED'].includes(String(error.code))
  );
}

/** Answers as if no upgrade had been offered; the connection ends after it. Never throws. */
export async function answerWithoutUpgrade(
  message: IncomingMessage,
  socket: Duplex,
  options: AnswerOptions,
): Promise<void> {
  // Node.js has let go of the connection, so the response gets its socket by hand.
  const { ServerResponse } = process.getBuiltinModule('node:http');
  const target = new ServerResponse(message);
  target.assignSocket(socket as Socket);
  await answerHttp1(message, target, { ...options, isClosing: () => true });
}

async function decide(
  message: IncomingMessage,
  signal: AbortSignal,
  { peer, upgradeHandler, logger }: AnswerOptions & { readonly upgradeHandler: UpgradeHandler },
): Promise<UpgradeAnswer> {
  let request: HttpRequest | undefined;
  try {
    request = { ...readHttp1Request(message, { peer, signal }), body: undefined };
    return await upgradeHandler(request);
  } catch (error) {
    return { kind: 'refused', response: responseOf(error, request, logger) };
  }
}
