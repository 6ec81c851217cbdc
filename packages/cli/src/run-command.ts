import { Command, CommanderError } from 'commander';
import type { CommandContext } from './command-context.ts';
import { productVersion } from './product-version.ts';
import { reportFailure } from './report-failure.ts';

/** Runs what the user typed and answers the exit code. Never throws. */
export async function runCommand(
  userArguments: readonly string[],
  context: CommandContext,
): Promise<number> {
  const program = commandTree(context);
  try {
    await program.parseAsync([...userArguments], { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode;
    return await reportFailure(context.output, error);
  }
}

/** Every command, each loaded when it is called. */
function commandTree(context: CommandContext): Command {
  const { output } = context;
  const program = new Command('fairway')
    .description('Every way into a Kubernetes API, and a real Kubernetes API to go into.')
    .version(productVersion, '--version', 'print the version of this command')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => void output.write(text),
      writeErr: (text) => void output.writeError(text),
    })
    .helpCommand(false);
  addUp(program, context);
  addDown(program, context);
  return program;
}

const dataDirFlag = ['--data-dir <dir>', 'where the cluster keeps everything', '.fairway'] as const;

function addUp(program: Command, context: CommandContext): void {
  program
    .command('up')
    .description('boot a Kubernetes cluster on this machine')
    .option('-d, --detach', 'return when it is ready, and let it run')
    .option(...dataDirFlag)
    .option('--memory', 'keep objects in memory only')
    .option('--listen <host:port>', 'where to listen; port 0 picks a free one', '127.0.0.1:6443')
    .option('--tls-san <name>', 'another name or address of the server (repeatable)', append, [])
    .option('--service-cluster-ip-range <cidr>', 'addresses for services', '10.0.0.0/24')
    .option('--kubeconfig <file>', 'where to write the kubeconfig (default: kubeconfig in DIR)')
    .action(async (flags) => (await import('./commands/up.ts')).up(context, flags));
}

function addDown(program: Command, context: CommandContext): void {
  program
    .command('down')
    .description('stop the cluster that `up` started')
    .option(...dataDirFlag)
    .action(async (flags) => (await import('./commands/down.ts')).down(context, flags));
}

function append(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}
