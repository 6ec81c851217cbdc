import type { ServerWebSocket } from './server-web-socket.ts';

/** What a program has not read, from which on the caller is held back. */
export const inputBytesMax: number = 256 * 1024;
const outputBytesMax = 32 * 1024;

/** Sends one message of a channel, which its first byte names. Source: Kubernetes, `v4.channel.k8s.io`. */
export async function sendMessage(
  socket: ServerWebSocket,
  channel: number,
  bytes: ArrayLike<number>,
): Promise<void> {
  const message = new Uint8Array(1 + bytes.length);
  message[0] = channel;
  message.set(bytes, 1);
  await socket.send(message);
}

/** Sends output in as many messages as it takes. */
export async function sendOutput(
  socket: ServerWebSocket,
  channel: number,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += outputBytesMax) {
    await sendMessage(socket, channel, bytes.subarray(at, at + outputBytesMax));
  }
}
