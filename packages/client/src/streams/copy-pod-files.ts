import type { Client } from '../client.ts';
import type { CallOptions, NamespaceOption } from '../resource/call-options.ts';
import { exec } from './exec.ts';
import { readLocalTree, writeLocalTree } from './local-tree.ts';
import type { RemoteProcess } from './remote-process.ts';
import { readTar } from './tar/read-tar.ts';
import { TarError } from './tar/tar-entry.ts';
import { writeTar } from './tar/write-tar.ts';

export interface CopyOptions extends CallOptions, NamespaceOption {
  readonly container?: string;
  /** A file or a directory. */
  readonly from: string;
  /** A directory, which is made when it is not there; the copy keeps its name in it. */
  readonly to: string;
  /** Called for links and devices, which are not copied. */
  readonly onSkipped?: (path: string) => void;
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
  options: CopyOptions,
): Promise<void> {
  const { from, to, onSkipped, ...where } = options;
  const trimmed = from.replace(/(?<=.)\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  const directory = slash === -1 ? '.' : trimmed.slice(0, slash) || '/';
  const name = trimmed.slice(slash + 1) || '.';
  const command = ['tar', 'cf', '-', '-C', directory, '--', name];
  await using process = await exec(client, pod, { ...where, command });
  const complaints = process.stderr.text({ bytesMax: complaintBytesMax });
  complaints.catch(() => {}); // The archive's own failure says it.
  try {
    await writeLocalTree(to, readTar(process.stdout, onSkipped));
  } catch (error) {
    if (!(error instanceof TarError)) throw error;
    // An empty archive is what a tar that failed leaves behind; its words say why.
    await requireSuccess(process, complaints, command);
    throw error;
  }
  await requireSuccess(process, complaints, command);
}

/** Copies a local file or directory into a container, which needs `tar`. As `copyFromPod`. */
export async function copyToPod(client: Client, pod: string, options: CopyOptions): Promise<void> {
  const { from, to, onSkipped, ...where } = options;
  const command = ['tar', 'xmf', '-', '-C', to];
  const made = await exec(client, pod, { ...where, command: ['mkdir', '-p', '--', to] });
  await finish(made, ['mkdir', '-p', to]);
  await using process = await exec(client, pod, { ...where, command, stdin: true });
  const finished = finish(process, command);
  finished.catch(() => {}); // Awaited below, unless the reading fails first.
  const send = async (): Promise<void> => {
    for await (const bytes of writeTar(readLocalTree(from, onSkipped))) {
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
  const complaints = process.stderr.text({ bytesMax: complaintBytesMax });
  complaints.catch(() => {}); // Awaited when the process has ended.
  for await (const _ of process.stdout); // Says nothing that matters.
  await requireSuccess(process, complaints, command);
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
