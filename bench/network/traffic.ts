import { percentile } from '../server/load/percentile.ts';

/** What a program sees that asks another one. */
export interface Seen {
  /** Bytes a second, of one connection. */
  readonly rate: number;
  /** Of one byte there and back, and of a new connection that is answered; µs. */
  readonly roundTrip: number;
  readonly connection: number;
}

/** What was seen of a pod and, second, of its service; of each all rounds. */
export function showSeen(seen: ReadonlyMap<string, readonly Seen[]>): void {
  const typicals = [...seen].map(([place, all]) => {
    const of = (name: keyof Seen, share: number): number =>
      percentile(
        all.map((each) => each[name]),
        share,
      );
    const typical = {
      // Whatever else runs slows down a connection that sends all it can: the fastest tells what rules cost.
      rate: of('rate', 1),
      roundTrip: of('roundTrip', 0.5),
      connection: of('connection', 0.5),
    };
    console.log(
      `  ${place}: ${(typical.rate / 1e6).toFixed(0)} MB/s, ${typical.roundTrip.toFixed(1)} µs a round trip, ` +
        `${typical.connection.toFixed(0)} µs a connection`,
    );
    return typical;
  });
  const [own, through] = typicals;
  if (own === undefined || through === undefined) return;
  console.log(
    `  service : pod ${(through.rate / own.rate).toFixed(2)} of the rate, ` +
      `${(through.roundTrip - own.roundTrip).toFixed(1)} µs more a round trip, ` +
      `${(through.connection - own.connection).toFixed(0)} µs more a connection`,
  );
}

/** The first byte says what is wanted: `b` for many bytes, `e` for an echo of each byte, `c` for one. */
export const server = `
  const chunk = Buffer.alloc(1 << 20);
  require('node:net').createServer((socket) => {
    socket.setNoDelay(true).on('error', () => {}).once('data', (bytes) => {
      const kind = String(bytes[0] === 98 ? 'b' : bytes[0] === 101 ? 'e' : 'c');
      if (kind === 'c') return socket.end('x');
      if (kind === 'e') {
        // What came with it, on a busy machine.
        socket.write(bytes.subarray(1));
        return socket.on('data', (each) => socket.write(each));
      }
      let left = 512;
      const more = () => { while (left-- > 0) if (!socket.write(chunk)) return socket.once('drain', more); socket.end(); };
      more();
    });
  }).listen(8080, '0.0.0.0', () => console.log('ready'));`;

export const asker = `
  const { connect } = require("node:net");
  const [host, port] = process.argv.slice(1);
  const open = () => connect({ host, port, noDelay: true });
  const median = (all) => all.sort((a, b) => a - b)[all.length >> 1];
  const rate = () => new Promise((resolve) => {
    const socket = open(); let bytes = 0; const start = performance.now();
    socket.write("b"); socket.on("data", (each) => (bytes += each.length));
    socket.on("end", () => resolve(bytes / (performance.now() - start) * 1000));
  });
  const roundTrips = () => new Promise((resolve) => {
    const socket = open(); const all = []; let sent = 0;
    const send = () => { sent = performance.now(); socket.write("x"); };
    socket.write("e"); setTimeout(send, 20);
    socket.on("data", () => {
      all.push((performance.now() - sent) * 1000);
      if (all.length < 5000) return send();
      socket.destroy(); resolve(median(all));
    });
  });
  const connections = async () => {
    const all = [];
    for (let at = 0; at < 500; at++) await new Promise((resolve) => {
      const start = performance.now();
      const socket = open(); socket.write("c");
      socket.on("data", () => {}).on("close", () => { all.push((performance.now() - start) * 1000); resolve(); });
    });
    return median(all);
  };
  (async () => console.log(JSON.stringify({ rate: await rate(), roundTrip: await roundTrips(), connection: await connections() })))();`;
