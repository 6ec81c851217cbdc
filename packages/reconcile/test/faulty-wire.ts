import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** A way to a port of this machine on which connections can be cut, frozen and refused. */
export interface FaultyWire extends AsyncDisposable {
  readonly port: number;
  /** Breaks every connection, as a crashed machine does when it is back. */
  reset(): void;
  /** Breaks every connection after so many more bytes from the server. */
  resetAfter(byteCount: number): void;
  /** Nothing gets through any more on the connections there are, and nobody is told. */
  freeze(): void;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  isFrozen: boolean;
  bytesLeft: number;
}

/** Forwards connections to `targetPort()`, asked anew for each. */
export async function openFaultyWire(targetPort: () => number): Promise<FaultyWire> {
  const pairs = new Set<Pair>();
  const server: Server = createServer((near) => {
    const far = connect(targetPort(), '127.0.0.1');
    const pair: Pair = { near, far, isFrozen: false, bytesLeft: Number.POSITIVE_INFINITY };
    pairs.add(pair);
    forward(pair, () => pairs.delete(pair));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reset = (): void => [...pairs].forEach(breakPair);
  return {
    port: (server.address() as AddressInfo).port,
    reset,
    resetAfter: (byteCount) => [...pairs].forEach((pair) => (pair.bytesLeft = byteCount)),
    freeze: () => [...pairs].forEach((pair) => (pair.isFrozen = true)),
    async [Symbol.asyncDispose]() {
      reset();
      server.close();
      await once(server, 'close');
    },
  };
}

function forward(pair: Pair, forget: () => void): void {
  const { near, far } = pair;
  near.on('data', (bytes: Buffer) => pair.isFrozen || far.write(bytes));
  far.on('data', (bytes: Buffer) => {
    if (pair.isFrozen) return;
    near.write(bytes.subarray(0, pair.bytesLeft));
    pair.bytesLeft -= bytes.length;
    if (pair.bytesLeft <= 0) breakPair(pair);
  });
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('end', () => pair.isFrozen || other.end());
    one.on('close', () => {
      forget();
      if (!pair.isFrozen) other.destroy();
    });
  }
}

function breakPair({ near, far }: Pair): void {
  near.resetAndDestroy();
  far.destroy();
}
