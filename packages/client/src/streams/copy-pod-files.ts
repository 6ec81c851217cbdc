import { basename, resolve } from 'node:path';
import type { Client } from '../client.ts';
import type { CallOptions, NamespaceOption } from '../resource/call-options.ts';
import { exec } from './exec.ts';
import { readLocalTree, writeLocalTree } from './local-tree.ts';
import type { RemoteProcess } from './remote-process.ts';
import { readTar } from './tar/read-tar.ts';
import { ConnectionError } from '../transport/connection-error.ts';
import { type TarEntry, TarError } from './tar/tar-entry.ts';
import { writeTar } from './tar/write-tar.ts';

export interface CopyOptions extends CallOptions, NamespaceOption {
  readonly container?: string;
  /** A file or a directory. */
  readonly from: string;
  /** A directory, which is made when it is not there. */
  readonly to: string;
  /** What the copy is called in `to`, perhaps by what it is; it keeps its name when absent. */
  readonly name?: string | ((kind: TarEntry['kind']) => string);
  /** Called for links and devices, which are not copied. */
  readonly onSkipped?: (path: string) => void;
}

export interface CopyFromOptions extends CopyOptions {
  /**
   * So often a copy whose connection is lost goes on from there, which takes `sh` and `tail` in the container; 0 when
   * absent.
   */
  readonly retriesMax?: number;
  /** Called when a copy goes on, with why it had to. */
  readonly onRetry?: (failure: unknown) => void;
}

export interface CopyToOptions extends CopyOptions {
  /** The copy gets the owner and the permissions of any new file in the container. */
  readonly isPlain?: boolean;
}

/**
 * Copies a file or a directory out of a container, which needs `tar`. Resolves when all is written.
 *
 * Errors: `TarError` when `tar` failed, the archive was cut, or it holds names that lead out of
 * `to`; and those of `exec`.
 */
export async function copyFromPod(
  client: Client,
  pod: string,
  options: CopyFromOptions,
): Promise<void> {
  const { from, to, name: wanted, onSkipped, retriesMax = 0, onRetry, ...where } = options;
  const trimmed = from.replace(/(?<=.)\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  const directory = slash === -1 ? '.' : trimmed.slice(0, slash) || '/';
  const name = trimmed.slice(slash + 1) || '.';
  const command = ['tar', 'cf', '-', '-C', directory, '--', name];
  const start = (skippedBytes: number): Promise<RemoteProcess> =>
    exec(client, pod, { ...where, command: skipping(command, skippedBytes) });
  await using archive = resumed(await start(0), { start, retriesMax, onRetry });
  // `.` is the place itself, and what is in it is at the top.
  const top = name === '.' ? '' : name;
  try {
    await writeLocalTree(to, named(readTar(archive.bytes(), onSkipped), { top, wanted }));
  } catch (error) {
    if (!(error instanceof TarError)) throw error;
    // An empty archive is what a tar that failed leaves behind; its words say why.
    await archive.requireSuccess(command);
    throw error;
  }
  await archive.requireSuccess(command);
}

/** The entries with another name at the top. */
async function* named(
  entries: AsyncIterable<TarEntry>,
  { top, wanted }: { readonly top: string; readonly wanted: CopyOptions['name'] },
): AsyncGenerator<TarEntry, undefined> {
  let name: string | undefined;
  for await (const entry of entries) {
    const kind = top === '' ? 'directory' : entry.kind;
    name ??= (typeof wanted === 'function' ? wanted(kind) : wanted) ?? top;
    const below = entry.path.slice(top.length);
    const isBelow = top === '' && name !== '';
    yield { ...entry, path: isBelow ? `${name}/${below}` : name + below };
  }
}

/** The command without so many bytes of what it prints. */
function skipping(command: readonly string[], skippedBytes: number): readonly string[] {
  if (skippedBytes === 0) return command;
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  return ['sh', '-c', `${words.join(' ')} | tail -c +${skippedBytes + 1}`];
}

interface Resumption {
  /** Starts the same again, and leaves out what it printed first. */
  readonly start: (skippedBytes: number) => Promise<RemoteProcess>;
  readonly retriesMax: number;
  readonly onRetry: ((failure: unknown) => void) | undefined;
}

/** What a process prints, over as many connections as it takes. */
function resumed(first: RemoteProcess, { start, retriesMax, onRetry }: Resumption) {
  let [process, complaints] = [first, complaintsOf(first)];
  return {
    async *bytes(): AsyncGenerator<Uint8Array, undefined> {
      let count = 0;
      for (let retries = 0; ; retries += 1) {
        try {
          for await (const chunk of process.stdout) {
            count += chunk.length;
            yield chunk;
          }
          // Whose end is not known may have had more to say.
          await process.exited;
          return;
        } catch (failure) {
          if (!(failure instanceof ConnectionError) || retries >= retriesMax) throw failure;
          onRetry?.(failure);
          await process.close();
          process = await start(count);
          complaints = complaintsOf(process);
        }
      }
    },
    requireSuccess: (command: readonly string[]) => requireSuccess(process, complaints, command),
    [Symbol.asyncDispose]: () => process.close(),
  };
}

/** Copies a local file or directory into a container, which needs `tar`. As `copyFromPod`. */
export async function copyToPod(
  client: Client,
  pod: string,
  options: CopyToOptions,
): Promise<void> {
  const { from, to, name: wanted, onSkipped, isPlain = false, ...where } = options;
  const plain = isPlain ? ['--no-same-permissions', '--no-same-owner'] : [];
  const command = ['tar', 'xmf', '-', ...plain, '-C', to];
  const top = basename(resolve(from));
  const made = await exec(client, pod, { ...where, command: ['mkdir', '-p', '--', to] });
  await finish(made, ['mkdir', '-p', to]);
  await using process = await exec(client, pod, { ...where, command, stdin: true });
  const finished = finish(process, command);
  finished.catch(() => {}); // Awaited below, unless the reading fails first.
  const send = async (): Promise<void> => {
    const entries = named(readLocalTree(from, onSkipped), { top, wanted });
    for await (const bytes of writeTar(entries)) {
      await process.stdin.write(bytes);
    }
    await process.stdin.end();
  };
  // When tar fails, its own message is reported, not the broken pipe that follows.
  await Promise.race([send(), finished]);
  await finished;
}

const complaintBytesMax = 1024 * 1024;

async function finish(process: RemoteProcess, command: readonly string[]): Promise<void> {
  const complaints = complaintsOf(process);
  for await (const _ of process.stdout); // Says nothing that matters.
  await requireSuccess(process, complaints, command);
}

/** What a process says of its failure; to be awaited when it has ended. */
function complaintsOf(process: RemoteProcess): Promise<string> {
  const complaints = process.stderr.text({ bytesMax: complaintBytesMax });
  complaints.catch(() => {}); // The failure itself says it.
  return complaints;
}

async function requireSuccess(
  process: RemoteProcess,
  complaints: Promise<string>,
  command: readonly string[],
): Promise<void> {
  const { code } = await process.exited;
  if (code === 0) return;
  const said = (await complaints).trim();
  throw new TarError(`"${command.join(' ')}" ended with ${code}${said === '' ? '' : `: ${said}`}`);
}
