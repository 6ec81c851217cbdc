import type { ServedProcess, TerminalSize } from '@fairway/protocol/pods';

/** Whoever asks for the streams of a program, as a test: what it gets is kept as text. */
export class TestCaller implements ServedProcess {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly sizes: AsyncIterable<TerminalSize>;
  readonly output = { stdout: '', stderr: '' };
  readonly #gone = new AbortController();
  #wake = (): void => {};

  constructor(
    sent: {
      readonly stdin?: AsyncIterable<Uint8Array>;
      readonly sizes?: readonly TerminalSize[];
    } = {},
  ) {
    this.stdin = sent.stdin ?? chunks();
    this.sizes = all(sent.sizes ?? []);
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  async stdout(bytes: Uint8Array): Promise<void> {
    this.output.stdout += Buffer.from(bytes).toString();
    this.#wake();
  }

  async stderr(bytes: Uint8Array): Promise<void> {
    this.output.stderr += Buffer.from(bytes).toString();
    this.#wake();
  }

  /** Resolves when the standard output holds this. */
  async hears(text: string): Promise<void> {
    while (!this.output.stdout.includes(text)) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  leave(): void {
    this.#gone.abort(new Error('the caller has gone'));
  }
}

/** An input of these texts, which then ends; or stays open until `end` settles. */
export async function* chunks(
  texts: readonly string[] = [],
  end?: Promise<unknown>,
): AsyncGenerator<Uint8Array, undefined> {
  for (const text of texts) yield Buffer.from(text);
  await end;
}

async function* all<T>(values: readonly T[]): AsyncGenerator<T, undefined> {
  yield* values;
}
