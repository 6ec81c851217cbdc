import { Command, CommanderError } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addClusterFlags } from './connection/cluster-flags.ts';
import { productVersion } from './product-version.ts';
import { reportFailure } from './report-failure.ts';
import { addAccessCommands } from './registration/access-commands.ts';
import { addConfigCommands } from './registration/config-commands.ts';
import { addEnvtestCommands, asLongFlags } from './registration/envtest-commands.ts';
import { addImageCommands } from './registration/image-commands.ts';
import { addLocalClusterCommands } from './registration/local-cluster-commands.ts';
import { addNodeCommand } from './registration/node-command.ts';
import { addProxyCommand } from './registration/proxy-command.ts';
import { addResourceCommands } from './registration/resource-commands.ts';
import { addRunCommand } from './registration/run-program-command.ts';
import { addServiceRulesCommand } from './registration/service-rules-command.ts';
import { addStoreCommands } from './registration/store-commands.ts';
import { addTokenCommands } from './registration/token-commands.ts';
import { addTypegenCommand } from './registration/typegen-command.ts';

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
  const program = commandTree(context, {
    onPrinting: (written) => printing.push(written),
    onEnd: (code) => (exitCode = code),
  });
  try {
    if (userArguments.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync([...asLongFlags(userArguments)], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode;
    const { signal } = context;
    if (signal.aborted && error === signal.reason) return interrupted;
    const { command } = context.program;
    return await reportFailure({ output: context.output, command }, error);
  } finally {
    await Promise.all(printing);
  }
}

/** Every command, each loaded when it is called. */
function commandTree(
  context: CommandContext,
  {
    onPrinting,
    onEnd,
  }: {
    readonly onPrinting: (written: Promise<void>) => void;
    /** Takes the exit code of a command that answers by it, or of a program that ran in its place. */
    readonly onEnd: (exitCode: number) => void;
  },
): Command {
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
    .helpCommand('help [command]', 'show the help of a command');
  // kubectl takes them before the command too.
  addClusterFlags(program, { isHidden: true });
  addLocalClusterCommands(program, context);
  addEnvtestCommands(program, context);
  addResourceCommands(program, context);
  addAccessCommands(program, context, onEnd);
  addProxyCommand(program, context);
  addRunCommand(program, context, onEnd);
  addConfigCommands(program, context);
  addImageCommands(program, context);
  addServiceRulesCommand(program, context);
  addStoreCommands(program, context);
  addNodeCommand(program, context);
  addTokenCommands(program, context);
  addTypegenCommand(program, context);
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
