import type { ClientHttp2Stream } from 'node:http2';
import { createInterface } from 'node:readline';
import { Caller, CutOffError, type Stress, configMaps } from './stress.ts';

interface WatchedObject {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data?: { readonly number?: string };
  readonly message?: string;
}

interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: WatchedObject;
}

/**
 * Follows the writers' config maps as an informer does: lists, watches, lists again when the server
 * says so. As every write of an object has the number after the last one's, a gap or a repetition
 * shows.
 */
export class Watcher {
  readonly #stress: Stress;
  readonly #present = new Map<string, number>();
  readonly #last = new Map<string, number>();
  #revision = 0;
  #stream: ClientHttp2Stream | undefined;

  constructor(stress: Stress) {
    this.#stress = stress;
  }

  /** Until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await using caller = new Caller(this.#stress.server);
    signal.addEventListener('abort', () => this.#stream?.close(), { once: true });
    let isListed = false;
    while (!signal.aborted) {
      try {
        if (!isListed) await this.#list(caller);
        isListed = true;
        isListed = await this.#watch(caller);
      } catch (error) {
        if (!(error instanceof CutOffError)) throw error;
      }
    }
  }

  /** Whether this knows exactly what a list of now says. */
  isAt(items: readonly WatchedObject[]): boolean {
    const listed = items.flatMap(({ metadata: { name }, data }) =>
      data?.number === undefined ? [] : [[name, Number(data.number)] as const],
    );
    return (
      listed.length === this.#present.size &&
      listed.every(([name, number]) => this.#present.get(name) === number)
    );
  }

  async #list(caller: Caller): Promise<void> {
    const { status, text } = await caller.ask({ path: configMaps });
    if (status !== 200) throw new Error(`a list was answered ${status}: ${text}`);
    const list = JSON.parse(text) as {
      metadata: { resourceVersion: string };
      items: WatchedObject[];
    };
    this.#present.clear();
    this.#revision = Number(list.metadata.resourceVersion);
    for (const { metadata, data } of list.items) {
      if (data?.number === undefined) continue;
      this.#present.set(metadata.name, Number(data.number));
      this.#last.set(metadata.name, Number(data.number));
    }
    // Of what is not there, writes may have been missed.
    for (const name of this.#last.keys()) if (!this.#present.has(name)) this.#last.delete(name);
    this.#stress.report.count('lists of watchers');
  }

  /** Answers whether the next watch may go on from where this one ended. */
  async #watch(caller: Caller): Promise<boolean> {
    const { http2 } = await caller.session();
    const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${this.#revision}`;
    const stream = http2.request({ ':path': `${configMaps}?${query}` });
    this.#stream = stream;
    stream.on('error', () => {});
    let maySucceed = true;
    try {
      for await (const line of createInterface({ input: stream })) {
        maySucceed = this.#take(JSON.parse(line) as WatchLine);
        if (!maySucceed) break;
      }
    } catch {
      // The connection was cut; what came before it counts.
    }
    stream.close();
    return maySucceed;
  }

  #take({ type, object }: WatchLine): boolean {
    if (type === 'ERROR') return false;
    const { report } = this.#stress;
    const { name, resourceVersion } = object.metadata;
    const revision = Number(resourceVersion);
    if (revision < this.#revision || (revision === this.#revision && type !== 'BOOKMARK')) {
      report.broken(`a watch went back from revision ${this.#revision} to ${revision}`);
    }
    this.#revision = revision;
    if (type === 'BOOKMARK' || object.data?.number === undefined) return true;
    report.count('watch events');
    const number = Number(object.data.number);
    const last = this.#last.get(name);
    const wanted = type === 'DELETED' ? last : last === undefined ? number : last + 1;
    const isPresent = this.#present.has(name);
    if (number !== wanted || isPresent === (type === 'ADDED')) {
      const known = `${isPresent ? '' : 'absent '}${name} at ${last}`;
      report.broken(`a watch has a gap or a repetition: ${type} ${number}, knowing ${known}`);
    }
    this.#last.set(name, number);
    if (type === 'DELETED') this.#present.delete(name);
    else this.#present.set(name, number);
    return true;
  }
}
