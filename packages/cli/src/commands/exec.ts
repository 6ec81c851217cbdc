import { exec as startProcess } from '@fairway/client/streams';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { openClient } from '../connection/open-client.ts';
import { holdProcess } from '../pods/hold-process.ts';
import { type EnterFlags, findContainerToEnter } from '../pods/pod-to-enter.ts';
import { selecting } from '../selection/select-objects.ts';

/** What was typed. */
export interface ExecWords {
  /** `POD` or `TYPE/NAME`, and what else came before the mark. */
  readonly before: readonly string[];
  /** The program and its arguments; undefined where there was no mark. */
  readonly after: readonly string[] | undefined;
}

/** Runs a program in a container. Answers its exit code. */
export async function exec(
  context: CommandContext,
  words: ExecWords,
  flags: EnterFlags,
): Promise<number> {
  const { subject, command } = readWords(words, flags);
  const { output, terminal, signal } = context;
  const { stdin: hasInput = false, tty = false, quiet = false } = flags;
  const hasTerminal = hasInput && tty && terminal.hasInput;
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const entered = await findContainerToEnter(task, subject, { flags, doing: 'exec into' });
  if (hasInput && tty && !hasTerminal && !quiet) {
    await output.writeError(
      'Unable to use a TTY - input is not a terminal or the right kind of file\n',
    );
  }
  const remote = await startProcess(client, entered.pod.metadata?.name ?? '', {
    ...entered.place,
    container: entered.container.name,
    command,
    stdin: hasInput,
    tty: hasTerminal,
    signal,
  });
  const code = await holdProcess(context, remote, { hasInput, hasTerminal });
  if (code !== 0) await output.writeError(`command terminated with exit code ${code}\n`);
  return code;
}

function readWords(
  { before, after }: ExecWords,
  { filename = [] }: EnterFlags,
): { readonly subject: string | undefined; readonly command: readonly string[] } {
  const [subject, ...more] = before;
  const isOfFile = filename.length > 0;
  if (subject === undefined && !isOfFile) {
    throw new CommandError('pod, type/name or --filename must be specified');
  }
  if (after === undefined && (more.length > 0 || (isOfFile && subject !== undefined))) {
    throw new CommandError(
      'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead',
    );
  }
  if (more.length > 0) {
    throw new CommandError(
      `${JSON.stringify(more.join(' '))} before -- is not used; a container is named with -c`,
    );
  }
  const [program] = after ?? [];
  if (after === undefined || program === undefined || program === '') {
    throw new CommandError(
      'you must specify at least one command for the container: write it after --, as in: -- sh',
    );
  }
  return { subject, command: after };
}
