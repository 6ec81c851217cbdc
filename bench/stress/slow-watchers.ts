import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TLSSocket, connect } from 'node:tls';
import { Caller, CutOffError, type Stress } from './stress.ts';

const slowMaps = '/api/v1/namespaces/kube-public/configmaps';
const idleReaders = 5;
const trickleBytesPerSecond = 70_000;
const changeMs = 300;
const bigBytes = 1_000_000;

/** Changes a large object, before watchers that do not read and one that reads far too slowly. */
export async function runSlowWatchers(stress: Stress): Promise<void> {
  const { signal, server } = stress;
  await using caller = new Caller(server);
  let sockets: TLSSocket[] = [];
  let generation = 0;
  for (let turn = 0; !signal.aborted; turn++) {
    try {
      await change(caller, turn);
      stress.report.count('changes of a 1 MB object before slow watchers');
      const alive = sockets.filter((each) => !each.destroyed);
      if (generation !== server.generation || alive.length === 0) {
        for (const each of sockets) each.destroy();
        generation = server.generation;
        sockets = await openWatches(stress);
      }
    } catch (error) {
      if (!(error instanceof CutOffError)) throw error;
    }
    await sleep(changeMs, undefined, { signal }).catch(() => undefined);
  }
  for (const each of sockets) each.destroy();
}

async function change(caller: Caller, turn: number): Promise<void> {
  const body = JSON.stringify({
    metadata: { name: 'big' },
    data: { text: String(turn % 10).repeat(bigBytes) },
  });
  const { status } = await caller.ask({ method: 'PUT', path: `${slowMaps}/big`, body });
  if (status === 404) await caller.ask({ method: 'POST', path: slowMaps, body });
}

async function openWatches(stress: Stress): Promise<TLSSocket[]> {
  const sockets = await Promise.all(Array.from({ length: idleReaders + 1 }, () => open(stress)));
  sockets.slice(1).forEach((each) => each.pause());
  const [trickle] = sockets;
  if (trickle !== undefined) void readSlowly(trickle, stress);
  return sockets;
}

async function open({ server, report }: Stress): Promise<TLSSocket> {
  const { url, directory } = await server.address();
  const read = (name: string): Buffer => readFileSync(join(directory, 'pki', name));
  const { port } = new URL(url);
  const identity = { cert: read('admin.crt'), key: read('admin.key'), ca: read('ca.crt') };
  const socket = connect({ host: '127.0.0.1', port: Number(port), ...identity });
  socket.on('error', () => {});
  await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]);
  socket.write(`GET ${slowMaps}?watch=1&resourceVersion=0 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
  report.count('slow watches');
  return socket;
}

async function readSlowly(socket: TLSSocket, { signal }: Stress): Promise<void> {
  while (!socket.destroyed && !signal.aborted) {
    socket.read(trickleBytesPerSecond / 10);
    await sleep(100);
  }
}
