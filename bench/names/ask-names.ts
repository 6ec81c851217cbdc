import { createSocket } from 'node:dgram';
import { encode } from 'dns-packet';
import { percentile } from '../server/load/percentile.ts';

/** Asks the server at a port for names, so many questions at once, and prints what it saw. */
const [port = 0, count = 0, windowSize = 0] = process.argv.slice(2).map(Number);

const socket = createSocket('udp4');
const sentMs = new Map<number, number>();
const waitedMs: number[] = [];
let sent = 0;

function send(): void {
  if (sent === count) return;
  const id = sent++ & 0xff_ff;
  const name = `web-${id % 200}.default.svc.cluster.local`;
  sentMs.set(id, performance.now());
  socket.send(encode({ type: 'query', id, flags: 0x01_00, questions: [{ name, type: 'A' }] }));
}

socket.on('message', (answer) => {
  const id = answer.readUInt16BE(0);
  waitedMs.push(performance.now() - (sentMs.get(id) ?? Number.NaN));
  sentMs.delete(id);
  if (waitedMs.length < count) return send();
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(waitedMs, share));
  console.log(JSON.stringify({ p50, p99 }));
  socket.close();
});
socket.connect(port, '127.0.0.1', () => {
  for (let at = 0; at < windowSize; at++) send();
});
