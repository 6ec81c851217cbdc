/**
 * Asks a proxy over kept connections, one request at a time on each, and counts what is answered in so many
 * seconds, after some that do not count. Tells its parent when it begins, and the count when it ends.
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What is asked of whom. */
export interface Asking {
  readonly port: number;
  readonly host: string;
  readonly path: string;
  /** The length of the answer. */
  readonly bytes: number;
  readonly connections: number;
  readonly seconds: number;
}

const { port, host, path, bytes, connections, seconds } = JSON.parse(
  process.argv[2] ?? '',
) as Asking;
const request = Buffer.from(
  `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`,
);
let answeredBytes = 0;

function ask(): void {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let head = Buffer.alloc(0);
  /** Bytes that are still to come; undefined: the head is not there yet. */
  let left: number | undefined;
  socket.on('connect', () => socket.write(request));
  socket.on('error', (error) => fail(error.message));
  socket.on('data', (chunk) => {
    if (left === undefined) {
      const all = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      const end = all.indexOf('\r\n\r\n');
      head = all;
      if (end < 0) return;
      if (!all.toString('latin1', 0, end).startsWith('HTTP/1.1 200 ')) return fail(String(all));
      left = end + 4 + bytes - all.length;
      answeredBytes += all.length - end - 4;
    } else {
      left -= chunk.length;
      answeredBytes += chunk.length;
    }
    if (left > 0) return;
    head = Buffer.alloc(0);
    left = undefined;
    socket.write(request);
  });
}

function fail(why: string): void {
  console.error(why);
  process.exit(1);
}

for (let at = 0; at < connections; at++) ask();
await delay(1_000);
answeredBytes = 0;
process.send?.('begun');
await delay(seconds * 1_000);
process.send?.(answeredBytes / bytes, undefined, undefined, () => process.exit(0));
