/**
 * Holds what was opened until it is disposed of, last first. It is the part of
 * `AsyncDisposableStack` that we use; Node.js has that one only from version 24 on.
 */
export class DisposalStack implements AsyncDisposable {
  #disposals: (() => PromiseLike<void> | void)[] = [];
  #isOver = false;

  /** Holds a resource, and answers it. Errors: `ReferenceError` once it is disposed of or moved. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Holds something that is let go of in its own way. Errors: `ReferenceError` once it is disposed of or moved. */
  defer(dispose: () => PromiseLike<void> | void): void {
    if (this.#isOver) {
      throw new ReferenceError(
        'cannot hold a resource: this stack is disposed of or moved, and would never let go of it; hold it with one that is not',
      );
    }
    this.#disposals.push(dispose);
  }

  /** Hands everything over to another stack, and holds nothing any more. */
  move(): DisposalStack {
    const other = new DisposalStack();
    other.#disposals = this.#disposals.splice(0);
    this.#isOver = true;
    return other;
  }

  /**
   * Disposes of everything, once, whatever fails on the way. Errors: the one failure, or an
   * `AggregateError` of several.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    const failures: unknown[] = [];
    for (const dispose of this.#disposals.splice(0).toReversed()) {
      try {
        await dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'several resources did not close');
  }
}
