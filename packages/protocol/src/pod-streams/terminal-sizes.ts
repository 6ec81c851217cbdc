/** In characters. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** A size takes some 30 characters; what has more without an end is none. */
const sizeCharactersMax = 256;

/** The sizes that a terminal gets. Who is slow to read sees the newest only. */
export class TerminalSizes implements AsyncIterable<TerminalSize> {
  readonly #decoder = new TextDecoder();
  #text = '';
  #newest: TerminalSize | undefined;
  #isOver = false;
  #wake = (): void => {};

  /** Takes a piece of the JSON objects that follow each other. What is no size is ignored. */
  push(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    for (let end = this.#text.indexOf('}'); end !== -1; end = this.#text.indexOf('}')) {
      this.#newest = readSize(this.#text.slice(0, end + 1)) ?? this.#newest;
      this.#text = this.#text.slice(end + 1);
    }
    if (this.#text.length > sizeCharactersMax) this.#text = '';
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TerminalSize, undefined> {
    for (;;) {
      const size = this.#newest;
      this.#newest = undefined;
      if (size !== undefined) yield size;
      else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

function readSize(text: string): TerminalSize | undefined {
  try {
    const { Width: width, Height: height } = JSON.parse(text) as Record<string, unknown>;
    return isCount(width) && isCount(height) ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}

// Source: Kubernetes remotecommand, TerminalSize: two unsigned integers of 16 bits.
function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65_536;
}
