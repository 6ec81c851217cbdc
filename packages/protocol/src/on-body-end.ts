import type { EndingBody, HttpResponse } from './http-message.ts';
import type { UpgradeAnswer } from './upgrade.ts';

/**
 * The same response; `run` is called once when what it came from is not needed any more: at once
 * for a body that is there already, and for a stream when it ends, fails, or its reader leaves.
 */
export function onBodyEnd(response: HttpResponse, run: () => void): HttpResponse {
  const { body } = response;
  if (body === undefined || body instanceof Uint8Array) {
    run();
    return response;
  }
  if (tellsItsEnd(body)) {
    body.whenEnded(run);
    return response;
  }
  return { ...response, body: new WatchedBody(body, run) };
}

/** The same for what answers an upgrade: of a stream the end is when it is closed, of a refusal that of its body. */
export function onUpgradeEnd(answer: UpgradeAnswer, run: () => void): UpgradeAnswer {
  if (answer.kind === 'refused') return { ...answer, response: onBodyEnd(answer.response, run) };
  void answer.stream.closed.then(run);
  return answer;
}

function tellsItsEnd(body: AsyncIterable<Uint8Array>): body is EndingBody {
  return 'whenEnded' in body;
}

/**
 * A stream whose end several may wait for, at the price of one promise a chunk. Not a generator: its
 * `finally` would not run when the reader leaves before the first chunk.
 */
class WatchedBody implements EndingBody {
  readonly #body: AsyncIterable<Uint8Array>;
  /** Undefined once it has ended. */
  #runs: (() => void)[] | undefined;

  constructor(body: AsyncIterable<Uint8Array>, run: () => void) {
    this.#body = body;
    this.#runs = [run];
  }

  whenEnded(run: () => void): void {
    if (this.#runs === undefined) run();
    else this.#runs.push(run);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const iterator = this.#body[Symbol.asyncIterator]();
    const seen = (result: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> => {
      if (result.done === true) this.#end();
      return result;
    };
    const failed = (error: unknown): never => {
      this.#end();
      throw error;
    };
    return {
      next: () => iterator.next().then(seen, failed),
      return: async () => {
        this.#end();
        await iterator.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  #end(): void {
    const runs = this.#runs ?? [];
    this.#runs = undefined;
    for (const run of runs) run();
  }
}
