import type { Files } from '@fairway/host';

const spareBytes = 4 * 1024 * 1024;

/**
 * A file that does nothing but take room on the disk of a node, to be given back when that is full to the last byte:
 * without any, a runtime cannot note that a container has ended, and nothing of an evicted pod would ever go.
 */
export class SpareRoom {
  readonly #files: Pick<Files, 'write' | 'remove'>;
  readonly #path: string;
  #isTaken = false;

  constructor(files: Pick<Files, 'write' | 'remove'>, rootDirectory: string) {
    this.#files = files;
    this.#path = `${rootDirectory}/spare-room`;
  }

  /** Takes it where there is plenty. */
  async take(availableBytes: number): Promise<void> {
    if (this.#isTaken || availableBytes < 10 * spareBytes) return;
    await this.#files.write(this.#path, new Uint8Array(spareBytes));
    this.#isTaken = true;
  }

  /** Gives it back where there is nothing left beside it. */
  async give(availableBytes: number): Promise<void> {
    if (availableBytes >= spareBytes) return;
    // An agent before this one may have taken it.
    await this.#files.remove(this.#path);
    this.#isTaken = false;
  }
}
