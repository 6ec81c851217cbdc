import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Handler, HttpRequest } from '@fairway/protocol';
import { type AnswerOptions, answerHttp1, responseOf } from './answer-request.ts';
import { readHttp1Request } from './read-node-request.ts';
import { type UpgradeHandler, type UpgradeOutcome, formatUpgradeHead } from './upgrade.ts';

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
  const outcome = await decide(message, caller.signal, options);
  if (outcome.kind === 'refused') {
    const handler: Handler = async () => outcome.response;
    return await answerWithoutUpgrade(message, socket, { ...options, handler });
  }
  if (socket.destroyed) return;
  try {
    socket.write(formatUpgradeHead(outcome.headers));
    if (head.length > 0) socket.unshift(head);
    await outcome.run(socket);
    socket.end();
  } catch (error) {
    if (!caller.signal.aborted) {
      options.logger.error('upgraded connection cut off', {
        path: message.url?.split('?')[0],
        error,
      });
    }
    socket.destroy();
  }
}

/** Answers as if no upgrade had been offered; the connection ends after it. Never throws. */
export async function answerWithoutUpgrade(
  message: IncomingMessage,
  socket: Duplex,
  options: AnswerOptions,
): Promise<void> {
  // Node.js has let go of the connection, so the response gets its socket by hand.
  const target = new ServerResponse(message);
  target.assignSocket(socket as Socket);
  await answerHttp1(message, target, { ...options, isClosing: () => true });
}

async function decide(
  message: IncomingMessage,
  signal: AbortSignal,
  { peer, upgradeHandler, logger }: AnswerOptions & { readonly upgradeHandler: UpgradeHandler },
): Promise<UpgradeOutcome> {
  let request: HttpRequest | undefined;
  try {
    request = { ...readHttp1Request(message, { peer, signal }), body: undefined };
    return await upgradeHandler(request);
  } catch (error) {
    return { kind: 'refused', response: responseOf(error, request, logger) };
  }
}
