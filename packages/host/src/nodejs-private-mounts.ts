import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import type { AttachedCommand } from './attached-processes.ts';
import { messageOf } from './message-of.ts';
import { codeOf } from './nodejs-system-errors.ts';
import type { MountRequest, MountsOutcome, PrivateMounts } from './private-files.ts';
import { privateMountsScript, stageFolder } from './private-mounts-script.ts';
import { withToolPath } from './tool-path.ts';

/** Namespaces as root has them, and as everybody else has them where the system lets them. */
const asRoot: readonly string[] = [];
const asUser = ['--user', '--map-current-user', '--keep-caps'];

/** Mount namespaces of Linux, through util-linux: Node.js has no call for them. */
export async function openPrivateMounts(): Promise<MountsOutcome> {
  if (process.platform !== 'linux') {
    return { kind: 'unavailable', cause: 'only Linux has mount namespaces' };
  }
  const causes: string[] = [];
  for (const flags of process.getuid?.() === 0 ? [asRoot, asUser] : [asUser]) {
    const holder = new Holder(flags);
    try {
      await holder.expect('ready');
      const stage = await open(
        `/proc/${holder.pid}/root${stageFolder}`,
        constants.O_RDONLY | constants.O_DIRECTORY,
      );
      return { kind: 'opened', mounts: new NamespaceMounts(holder, stage, flags === asUser) };
    } catch (error) {
      holder.end();
      causes.push(messageOf(error));
    }
  }
  return { kind: 'unavailable', cause: [...new Set(causes)].join('; ') };
}

class NamespaceMounts implements PrivateMounts {
  readonly directory: string;
  readonly #holder: Holder;
  readonly #stage: FileHandle;
  readonly #isUserNamespace: boolean;

  constructor(holder: Holder, stage: FileHandle, isUserNamespace: boolean) {
    this.#holder = holder;
    this.#stage = stage;
    this.#isUserNamespace = isUserNamespace;
    // Leads there also when nothing is mounted at that place any more.
    this.directory = `/proc/self/fd/${stage.fd}`;
  }

  async mount(requests: readonly MountRequest[]): Promise<void> {
    // What lies within another comes after it.
    const sorted = [...requests].sort((one, other) => (one.target < other.target ? -1 : 1));
    for (const { source, target, isFile, isWritable } of sorted) {
      if (/\n/.test(source + target)) throw new Error(`cannot mount at ${JSON.stringify(target)}`);
      const lines = [isFile ? 'file' : 'folder', isWritable ? 'rw' : 'ro', source, target];
      this.#holder.say(lines.join('\n'));
    }
    this.#holder.say('end');
    await this.#holder.expect('mounted');
  }

  enter({ file, workingDirectory, ...command }: AttachedCommand): AttachedCommand {
    return {
      ...command,
      file: 'nsenter',
      workingDirectory,
      arguments: [
        ...(this.#isUserNamespace ? ['--user', '--preserve-credentials'] : []),
        '--mount',
        `--target=${this.#holder.pid}`,
        // The folder one is in is looked up anew in the other view.
        'env',
        `--chdir=${workingDirectory}`,
        'setpriv',
        '--pdeathsig=SIGTERM',
        '--',
        file,
        ...command.arguments,
      ],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#holder.end();
    await this.#stage.close();
  }
}

/** The first process of a namespace. It ends when its input does, and so with this process. */
class Holder {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  readonly #failed: Promise<never>;

  constructor(flags: readonly string[]) {
    const script = ['sh', '-c', privateMountsScript, 'fairway'];
    this.#child = spawn('unshare', [...flags, '--mount', '--propagation=slave', ...script], {
      // In a session of its own no key of the terminal ends it.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...withToolPath(process.env), LC_ALL: 'C' },
    });
    this.#child.unref();
    this.#child.stdin.on('error', () => {}); // It has ended, as is found out by reading.
    this.#lines = this.#child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
    let words = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
    this.#failed = new Promise((_, reject) => {
      const fail = (cause: string): void => reject(new Error(cause));
      this.#child.once('error', (error) => {
        const isAbsent = codeOf(error) === 'ENOENT';
        fail(isAbsent ? 'there is no program unshare (package util-linux)' : error.message);
      });
      this.#child.once('close', () => fail(words.trim().replaceAll('\n', '; ') || 'no reason'));
    });
    this.#failed.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  say(text: string): void {
    this.#child.stdin.write(`${text}\n`);
  }

  /** Waits for a word. Errors: throws with what the system said instead. */
  async expect(word: string): Promise<void> {
    const next = await Promise.race([this.#lines.next(), this.#failed]);
    if (next.done === true || next.value.trim() !== word) await this.#failed;
  }

  end(): void {
    this.#child.stdin.end();
  }
}
