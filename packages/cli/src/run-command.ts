import { Command, CommanderError } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addClusterFlags } from './connection/cluster-flags.ts';
import { productVersion } from './product-version.ts';
import { asLongFlags } from './envtest/as-long-flags.ts';
import { spellFlags } from './registration/flag-spelling.ts';
import { commandTable } from './registration/command-table.ts';
import type { Registration } from './registration/registration.ts';
import { reportFailure } from './report-failure.ts';

/** The exit code of a command that Ctrl-C ended before it was done. */
const interrupted = 130;

/** Runs what the user typed and answers the exit code. Never throws. */
export async function runCommand(
  userArguments: readonly string[],
  context: CommandContext,
): Promise<number> {
  // What commander prints it does not wait for.
  const printing: Promise<void>[] = [];
  let exitCode = 0;
  const words = asLongFlags(userArguments);
  try {
    const program = await commandTree(words, {
      context,
      onPrinting: (written) => printing.push(written),
      onEnd: (code) => (exitCode = code),
    });
    if (words.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync([...spellFlags(words, program)], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode;
    const { signal } = context;
    if (signal.aborted && error === signal.reason) return interrupted;
    const { command } = context.program;
    // A command whose exit codes mean something of their own has said which one a failure has.
    return Math.max(exitCode, await reportFailure({ output: context.output, command }, error));
  } finally {
    await Promise.all(printing);
  }
}

interface CommandTreeOptions extends Pick<Registration, 'context' | 'onEnd'> {
  readonly onPrinting: (written: Promise<void>) => void;
}

/**
 * Every command by its name, and those that the words name with all that they take: the flags of the others would
 * cost a start more than most commands need.
 */
async function commandTree(
  words: readonly string[],
  { context, onPrinting, onEnd }: CommandTreeOptions,
): Promise<Command> {
  const { output } = context;
  const program = new Command(context.program.command)
    .description('Every way into a Kubernetes API, and a real Kubernetes API to go into.')
    .version(productVersion, '--version', 'print the version of this command')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => onPrinting(output.write(text)),
      writeErr: (text) => onPrinting(output.writeError(text)),
    })
    .addHelpText('after', firstSteps(context.program.command))
    .commandsGroup('Help:')
    .helpCommand('help [command]', 'show the help of a command');
  // kubectl takes them before the command too.
  addClusterFlags(program, { isHidden: true });
  const withGlobals = <Flags extends object>(flags: Flags): Flags => ({
    ...program.opts(),
    ...flags,
  });
  const mark = words.indexOf('--');
  const passedOn = mark < 0 ? [] : words.slice(mark + 1);
  for (const { name, description, heading, load } of commandTable) {
    const command = program.command(name, { hidden: heading === undefined });
    command.description(description).helpGroup(heading ?? '');
    if (words.includes(name)) (await load())(command, { context, withGlobals, passedOn, onEnd });
  }
  pointToHelp(program, program.name());
  return program;
}

/** After a mistake each command names its own help. */
function pointToHelp(command: Command, name: string): void {
  command.showHelpAfterError(`See \`${name} --help\`.`);
  for (const each of command.commands) pointToHelp(each, `${name} ${each.name()}`);
}

function firstSteps(command: string): string {
  return `
First steps:
  ${command} up -d                  a cluster of your own, in half a second
  export KUBECONFIG=$PWD/.fairway/kubeconfig
                                 for kubectl, Helm and every other client
  ${command} get all --all-namespaces
  ${command} proxy                  curl http://127.0.0.1:8001/api/v1/namespaces`;
}
