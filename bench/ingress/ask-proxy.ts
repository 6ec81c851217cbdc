/**
 * Asks a proxy over kept connections, one request at a time on each. `node ask-proxy.ts PORT CONNECTIONS SECONDS`
 * prints how many requests were answered, after a second that does not count.
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const [, , port, connectionCount, seconds] = process.argv.map(Number);
const request = Buffer.from(
  'GET /shop/list?page=2 HTTP/1.1\r\nHost: web-50.example\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n',
);
let answered = 0;

function ask(): void {
  const socket = connect(port ?? 0, '127.0.0.1');
  socket.setNoDelay(true);
  let head = '';
  /** Bytes that are still to come; undefined: the head is not there yet. */
  let left: number | undefined;
  socket.on('connect', () => socket.write(request));
  socket.on('error', (error) => fail(error.message));
  socket.on('data', (bytes) => {
    if (left === undefined) {
      head += bytes.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
      if (!head.startsWith('HTTP/1.1 200 ') || length !== 1024) return fail(head);
      left = end + 4 + length - head.length;
    } else left -= bytes.length;
    if (left > 0) return;
    answered += 1;
    head = '';
    left = undefined;
    socket.write(request);
  });
}

function fail(why: string): void {
  console.error(why);
  process.exit(1);
}

for (let at = 0; at < (connectionCount ?? 0); at++) ask();
await delay(1_000);
answered = 0;
console.log('begun');
await delay((seconds ?? 0) * 1_000);
console.log(answered);
process.exit(0);
