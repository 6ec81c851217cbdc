import { attach as attachTo } from '@fairway/client/streams';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { openClient } from '../connection/open-client.ts';
import { holdProcess } from '../pods/hold-process.ts';
import { type EnterFlags, findContainerToEnter } from '../pods/pod-to-enter.ts';
import { selecting } from '../selection/select-objects.ts';

/** Connects to the program that a container was started with. Answers its exit code. */
export async function attach(
  context: CommandContext,
  words: readonly string[],
  flags: EnterFlags,
): Promise<number> {
  const [subject] = words;
  if (subject === undefined && flags.filename === undefined) {
    throw new CommandError('at least 1 argument is required for attach: POD or TYPE/NAME');
  }
  if (words.length > 1) {
    throw new CommandError(`expected POD, TYPE/NAME, or TYPE NAME, got ${words.length} arguments`);
  }
  const { output, terminal, signal } = context;
  const { stdin: hasInput = false, quiet = false } = flags;
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const entered = await findContainerToEnter(task, subject, { flags, doing: 'attach' });
  const { container, pod, place } = entered;
  const { name = '' } = pod.metadata ?? {};
  // Whether there is a terminal at the other end is not ours to say.
  const { tty = false } = container;
  if (flags.tty === true && !tty && !quiet) {
    await output.writeError(
      `error: Unable to use a TTY - container ${container.name} did not allocate one\n`,
    );
  }
  const hasTerminal = hasInput && tty && terminal.hasInput;
  const remote = await attachTo(client, name, {
    ...place,
    container: container.name,
    stdin: hasInput,
    tty,
    signal,
  });
  const code = await holdProcess(context, remote, {
    hasInput,
    hasTerminal,
    ...(quiet ? {} : { greeting: "If you don't see a command prompt, try pressing enter." }),
  });
  const isRestarted = (pod.spec?.restartPolicy ?? 'Always') === 'Always';
  if (hasTerminal && isRestarted && code === 0) {
    await output.write(
      `Session ended, resume using 'fairway attach ${name} -c ${container.name} -i -t' command when the pod is running\n`,
    );
  }
  if (code !== 0) await output.writeError(`command terminated with exit code ${code}\n`);
  return code;
}
