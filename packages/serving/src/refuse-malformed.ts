import type { Duplex } from 'node:stream';
import { type Status, failureOf, statusCodes } from '@fairway/protocol';

/** Tells a client, on its raw HTTP/1.1 connection, why its bytes are not a request; then hangs up. */
export function refuseMalformed(error: unknown, socket: Duplex): void {
  const refusal = refusalOf(error);
  if (refusal === undefined || !socket.writable) return void socket.destroy();
  const { line, status } = refusal;
  const body = `${JSON.stringify(status)}\n`;
  socket.end(
    `HTTP/1.1 ${line}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  // A client that neither reads nor hangs up does not keep its connection.
  socket.once('finish', () => socket.destroy());
}

interface Refusal {
  /** Code and phrase of the status line. */
  readonly line: string;
  readonly status: Status;
}

// Undefined for what no HTTP answer can help: failed handshakes, resets.
function refusalOf(error: unknown): Refusal | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = 'the headers of the request are larger than this server accepts';
    return { line: '431 Request Header Fields Too Large', status: failureOf({ message }, 431) };
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const message = 'the headers of the request did not arrive in time';
    return { line: '408 Request Timeout', status: failureOf({ message }, 408) };
  }
  if (!code.startsWith('HPE_')) return undefined;
  const message = 'the request is not valid HTTP/1.1';
  const status = failureOf({ message, reason: 'BadRequest' }, statusCodes.BadRequest);
  return { line: '400 Bad Request', status };
}
