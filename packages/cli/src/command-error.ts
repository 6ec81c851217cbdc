/** A command cannot do what it was asked for; the message says what, why and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** What is said below the message, line by line. */
  readonly lines: readonly string[];

  constructor(message: string, options: { cause?: unknown; lines?: readonly string[] } = {}) {
    super(message, { cause: options.cause });
    this.lines = options.lines ?? [];
  }
}
