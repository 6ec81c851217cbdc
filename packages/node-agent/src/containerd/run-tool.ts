import { type CommandResult, type Environment, type Processes, withToolPath } from '@fairway/host';

export interface ToolDoors {
  readonly processes: Processes;
  readonly environment: Environment;
}

/** Runs a program that containers need on the machine. Errors: `CommandNotFoundError`, and beyond the time. */
export function runTool(
  file: string,
  args: readonly string[],
  { processes, environment }: ToolDoors,
): Promise<CommandResult> {
  return processes.run({
    file,
    arguments: args,
    environment: withToolPath(environment.variables),
    input: 'none',
    outputBytesMax: 1024 * 1024,
    timeoutMs: 60_000,
  });
}

/** What containerd's own command says, of the containers that CRI has made. */
export function runCtr(
  socket: string,
  args: readonly string[],
  doors: ToolDoors,
): Promise<CommandResult> {
  return runTool('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args], doors);
}
