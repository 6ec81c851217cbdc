import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';

/**
 * Opens a file in the editor of the user, KUBE_EDITOR or EDITOR, until it is closed. Either may have flags.
 *
 * Errors: `CommandError` where it cannot be started, or says that something is wrong.
 */
export async function openEditor({ host, attached }: CommandContext, file: string): Promise<void> {
  const { variables, platform, workingDirectory } = host.environment;
  const isWindows = platform === 'win32';
  const usual = isWindows ? 'notepad' : 'vi';
  const editor = variables['KUBE_EDITOR'] || variables['EDITOR'] || usual;
  const [program, words] = isWindows
    ? [variables['ComSpec'] ?? 'cmd.exe', ['/C', `${editor} "${file}"`]]
    : ['/bin/sh', ['-c', `${editor} "$0"`, file]];
  const command = { file: program, arguments: words, environment: variables, workingDirectory };
  const running = await attached.start(command);
  const end = await running.ended;
  if (end.kind === 'exited' && end.code === 0) return;
  const isAbsent = end.kind === 'exited' && end.code === 127;
  throw new CommandError(
    isAbsent
      ? `unable to launch the editor "${editor}": there is no such program; name another one: export KUBE_EDITOR=nano`
      : `there was a problem with the editor "${editor}"`,
  );
}
