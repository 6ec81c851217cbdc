import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';

/** What a command of the first level needs to be one. */
export interface Registration {
  readonly context: CommandContext;
  /** The flags of a command, and where it has none those that were typed before it. */
  readonly withGlobals: <Flags extends object>(flags: Flags) => Flags;
  /** What was typed after `--`, for another program; also at the end of the words of a command. */
  readonly passedOn: readonly string[];
  /** Takes the exit code of a command that answers by it, or of a program that ran in its place. */
  readonly onEnd: (exitCode: number) => void;
}

/** Gives a command its arguments, flags, commands of its own and action. */
export type Register = (command: Command, registration: Registration) => void;
