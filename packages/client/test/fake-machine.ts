import {
  type Command,
  CommandNotFoundError,
  type CommandResult,
  type LogFields,
} from '@fairway/host';
import { ManualClock, MemoryFiles } from '@fairway/host/testing';
import type { ClusterHost } from '../src/kubeconfig/cluster-host.ts';

/** A machine with the given files and programs, whose time stands still. */
export interface FakeMachine extends ClusterHost {
  readonly files: MemoryFiles;
  readonly clock: ManualClock;
  readonly commands: Command[];
  readonly warnings: { message: string; fields: LogFields | undefined }[];
}

export function fakeMachine(
  options: {
    files?: Readonly<Record<string, string>>;
    variables?: Readonly<Record<string, string>>;
    platform?: string;
    isInteractive?: boolean;
    run?: (command: Command) => Promise<CommandResult>;
  } = {},
): FakeMachine {
  const clock = new ManualClock();
  const commands: Command[] = [];
  const warnings: FakeMachine['warnings'] = [];
  return {
    clock,
    files: new MemoryFiles(options.files, clock),
    environment: {
      variables: options.variables ?? { HOME: '/home/a' },
      platform: options.platform ?? 'linux',
      architecture: 'x64',
      workingDirectory: '/work',
      hostName: 'test',
      addresses: [],
      isInteractive: options.isInteractive ?? false,
      utcOffsetMinutes: () => 0,
    },
    processes: {
      async run(command) {
        commands.push(command);
        if (options.run === undefined) throw new CommandNotFoundError(command.file);
        return options.run(command);
      },
    },
    logger: {
      debug() {},
      info() {},
      warn: (message, fields) => void warnings.push({ message, fields }),
      error() {},
    },
    commands,
    warnings,
  };
}

/** PEM that looks right; nothing here looks inside. */
export function pem(label: 'CERTIFICATE' | 'PRIVATE KEY', mark: string): string {
  return `-----BEGIN ${label}-----\nMII${btoa(mark)}\n-----END ${label}-----\n`;
}
