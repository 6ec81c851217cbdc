import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Session, openSession, requestText } from '../server/load/session.ts';
import { type ServerProcess, startClusterProcess } from '../server/server-process.ts';
import { type Observation, observe } from './observation.ts';

/** A server that is killed now and then and started again on the same data. */
export class StressedServer implements AsyncDisposable {
  readonly #directory: string;
  #process: ServerProcess | undefined;
  #up = Promise.withResolvers<ServerProcess>();
  /** Grows with every start: whoever was cut off can tell that it was a kill. */
  generation = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  async start(): Promise<void> {
    const flags = ['--import', join(import.meta.dirname, 'observe-server.ts')];
    const started = await startClusterProcess({
      directory: join(this.#directory, 'data'),
      compileCache: join(this.#directory, 'cache'),
      nodeFlags: flags,
      environment: { FAIRWAY_STRESS_SOCKET: this.#socketPath },
    });
    // What it took to start is not what is judged, and controllers are loaded after the rest.
    await controllersOf(started);
    await observe(this.#socketPath);
    this.#process = started;
    this.generation++;
    this.#up.resolve(started);
  }

  /** SIGKILL, and a new process on what the old one left. */
  async killAndRestart(): Promise<void> {
    const killed = this.#process;
    this.#process = undefined;
    this.#up = Promise.withResolvers();
    await killed?.kill();
    await this.start();
  }

  /** A connection to the server, as soon as there is one. */
  async connect(): Promise<Session> {
    while (true) {
      const { address } = await this.#up.promise;
      try {
        return await openSession(address);
      } catch (error) {
        if (this.isUp) throw error;
      }
    }
  }

  async address() {
    return (await this.#up.promise).address;
  }

  /** Undefined while the server is away. */
  async observe(): Promise<Observation | undefined> {
    if (!this.isUp) return undefined;
    return observe(this.#socketPath).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }

  get #socketPath(): string {
    return join(this.#directory, 'observe.sock');
  }
}

/** Resolves when the controllers of a server run. */
async function controllersOf({ address }: ServerProcess): Promise<void> {
  await using session = await openSession(address);
  const path = '/api/v1/componentstatuses/controller-manager';
  for (;;) {
    const { text } = await requestText(session.http2, { path });
    const { conditions = [] } = JSON.parse(text) as { conditions?: readonly { status: string }[] };
    if (conditions[0]?.status === 'True') return;
    await sleep(5);
  }
}
