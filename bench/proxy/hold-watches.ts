/**
 * Opens watches through a proxy, and says when each has been answered with its first event; then holds them until
 * it is ended.
 */
import { connect } from 'node:net';

/** So many on which path of whom. */
export interface Holding {
  readonly port: number;
  readonly path: string;
  readonly count: number;
}

const { port, path, count } = JSON.parse(process.argv[2] ?? '') as Holding;
let answered = 0;
for (let at = 0; at < count; at++) {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('connect', () =>
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: */*\r\n\r\n`),
  );
  socket.on('error', (error) => {
    throw error;
  });
  socket.on('data', (bytes) => {
    if (text.includes('"ADDED"')) return;
    text += bytes.toString('latin1');
    if (!text.includes('"ADDED"')) return;
    answered += 1;
    if (answered === count) process.send?.('all');
  });
}
