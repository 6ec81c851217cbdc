import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { programArgument } from './started-program.ts';
import { toolEnvironment } from './tool-environment.ts';

/** Such a program has little to remember: what it keeps are connections and the ends of lines. */
const nodeFlags = [
  '--max-old-space-size=64',
  '--max-semi-space-size=1',
  '--disable-warning=ExperimentalWarning',
];

export interface ProgramStart {
  /** In which it runs, with its log. */
  readonly directory: string;
  readonly logName: string;
  /** This Node.js, by its file. */
  readonly nodeProgram: string;
  readonly program: string;
  /** What brings it into its namespaces, before its command. */
  readonly enter: readonly string[];
  /** That it holds as long as it lives, and none of what it starts. */
  readonly held?: readonly FileHandle[];
}

/** A program in namespaces that outlives this one, until it says that it is ready. */
export class StartingProgram {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #failed: Promise<never>;
  readonly #logPath: string;

  private constructor(child: ChildProcess, logPath: string) {
    this.#child = child;
    this.#logPath = logPath;
    const { promise: failed, reject } = Promise.withResolvers<never>();
    child.once('error', reject);
    child.stdin?.on('error', () => {}); // It has ended, and says why.
    failed.catch(() => {});
    this.#failed = failed;
    this.#lines = createInterface(child.stdio[3] as Readable)[Symbol.asyncIterator]();
  }

  static async start(of: ProgramStart): Promise<StartingProgram> {
    const { directory, logName, nodeProgram, program, enter, held = [] } = of;
    const logPath = `${directory}/${logName}`;
    await using log = await open(logPath, 'a', 0o600);
    const [file = '', ...args] = [...enter, nodeProgram, ...nodeFlags, program, programArgument];
    const child = spawn(file, args, {
      cwd: directory,
      detached: true,
      env: toolEnvironment(false),
      stdio: ['pipe', log.fd, log.fd, 'pipe', ...held.map(({ fd }) => fd)],
    });
    child.unref();
    return new StartingProgram(child, logPath);
  }

  /** The next thing it says. Errors: `RuntimeError` with why it cannot. */
  async said<Said>(): Promise<Said> {
    const { value: said = '' } = await Promise.race([this.#lines.next(), this.#failed]);
    if (said.startsWith('{')) return JSON.parse(said) as Said;
    const why = said === '' ? `it ended at once; ${this.#logPath} says why` : said;
    throw new RuntimeError('failed', `the namespaces of the pod could not be made: ${why}`);
  }

  /** It waits for this before it goes on. One to which nobody says it ends. */
  goOn(): void {
    (this.#child.stdin as Writable).end('\n');
  }

  /** Nobody says anything to it any more. */
  leave(): void {
    this.#child.stdin?.destroy();
  }
}
