import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { text } from 'node:stream/consumers';
import { type HostileRequest, hostileRequests, victims } from './hostile-requests.ts';
import { Caller, CutOffError, type Stress } from './stress.ts';

/** An answer that says no must come within this time; the wall clock of a busy machine counts. */
const refusalMsMax = 1_000;
/** What is large and allowed may take longer. */
const doneMsMax = 4_000;
const watchesAtOnce = 200;

/** Sends what has once stopped a server, one after the other, all over again. */
export async function runHostile(stress: Stress): Promise<void> {
  const { server, signal } = stress;
  await using caller = new Caller(server);
  for (let round = 0; !signal.aborted; round++) {
    try {
      for (const { path, body } of Object.values(victims)) {
        await caller.ask({ method: 'POST', path, body: JSON.stringify(body) });
      }
      await sleep(500, undefined, { signal }).catch(() => undefined);
      for (const request of hostileRequests(`r${round}`)) {
        if (signal.aborted) return;
        await send(stress, caller, request);
        await sleep(50);
      }
      await sendTwoHosts(stress);
      await openManyWatches(stress);
    } catch (error) {
      if (!(error instanceof CutOffError)) throw error;
    }
  }
}

async function send({ report }: Stress, caller: Caller, request: HostileRequest): Promise<void> {
  await caller.session();
  const askedMs = performance.now();
  const { status, text: answer } = await caller.ask(request);
  const tookMs = performance.now() - askedMs;
  report.count('hostile requests');
  const isRefused = status >= 400 && status < 500;
  if (!isRefused && !(request.mayBeDone === true && status < 300)) {
    report.broken(`${request.name} was answered ${status}: ${answer.slice(0, 200)}`);
  }
  const limit = request.mayBeDone === true ? doneMsMax : refusalMsMax;
  report.measure(`hostile: ${request.name}`, tookMs, { limit, unit: 'ms' });
}

/** A request that can be read in two ways. */
async function sendTwoHosts({ server, report }: Stress): Promise<void> {
  const { url } = await server.address();
  const { port } = new URL(url);
  // Nothing is sent that is worth a proof of who answers.
  const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false });
  socket.on('error', () => {});
  socket.write('GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n');
  const answer = await text(socket).catch(() => '');
  if (answer === '' || answer.startsWith('HTTP/1.1 400')) return;
  report.broken(`two Host headers were answered ${answer.split('\r\n', 1)[0]}`);
}

/** Watches whose parameter is spelled so that a careless server takes them for lists. */
async function openManyWatches({ server, report }: Stress): Promise<void> {
  const callers = [new Caller(server), new Caller(server), new Caller(server)];
  for (const caller of callers) {
    const { http2 } = await caller.session();
    for (let at = 0; at < watchesAtOnce; at++) {
      const stream = http2.request({ ':path': '/api/v1/namespaces/default/secrets?w%61tch=1' });
      stream.on('error', () => {});
      stream.resume();
    }
  }
  report.count('watches spelled w%61tch', callers.length * watchesAtOnce);
  await sleep(1_000);
  for (const caller of callers) await caller.close();
}
