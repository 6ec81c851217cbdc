import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { TerminalSize } from '@fairway/protocol/pods';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { exitCodeOf, withTerminal } from './container-process.ts';
import { toolEnvironment } from './tool-environment.ts';

export interface EnteredOptions {
  /** With `nsenter` before it. */
  readonly command: readonly string[];
  /** As of `exportsOf`. */
  readonly environment: string;
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** A command in the namespaces of a container that runs. It ends with this process. */
export class EnteredCommand {
  readonly #child: ChildProcess;
  readonly #terminal = Promise.withResolvers<string | undefined>();
  readonly #failure: string[] = [];
  #hasBegun = false;
  /** Its exit code, once its outputs have ended. Errors: `RuntimeError` when it has not begun. */
  readonly ended: Promise<number>;

  constructor({ command, environment, stdin, tty }: EnteredOptions) {
    const [file = '', ...args] = withTerminal({ command, tty });
    this.#child = spawn(file, args, {
      detached: true,
      env: toolEnvironment(tty),
      stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdin, this.#child.stdio[4]]) stream?.on('error', () => {});
    (this.#child.stdio[4] as Writable).end(environment);
    if (!tty) this.#terminal.resolve(undefined);
    createInterface(this.#child.stdio[3] as Readable).on('line', (line) => {
      if (line.startsWith('tty ')) this.#terminal.resolve(line.slice('tty '.length));
      else if (line === 'started') this.#hasBegun = true;
      else this.#failure.push(line);
    });
    this.ended = this.#end();
    this.ended.catch(() => {}); // Whoever asks for it is told.
  }

  get stdin(): Writable | null {
    return this.#child.stdin;
  }

  get stdout(): Readable {
    return this.#child.stdout as Readable;
  }

  get stderr(): Readable {
    return this.#child.stderr as Readable;
  }

  async resize(size: TerminalSize): Promise<void> {
    const terminal = await this.#terminal.promise;
    if (terminal !== undefined) await resizeTerminal(terminal, size);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #end(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#child.once('error', (error) => reject(new RuntimeError('failed', error.message)));
      this.#child.once('close', (code, signal) => {
        this.#terminal.resolve(undefined);
        if (this.#hasBegun || this.#failure.length === 0) resolve(exitCodeOf(code, signal));
        else reject(new RuntimeError('failed', this.#failure.join('; ')));
      });
    });
  }
}

export async function resizeTerminal(
  terminal: string,
  { width, height }: TerminalSize,
): Promise<void> {
  const size = ['rows', String(height), 'cols', String(width)];
  await promisify(execFile)('stty', ['-F', terminal, ...size], { env: toolEnvironment(false) });
}
