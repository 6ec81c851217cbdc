import type { Command } from 'commander';
import type { WriteOptions } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { type DryRun, readDryRun } from '../output/dry-run.ts';
import { type OutcomeFlags, type PrintOutcome, outcomePrinter } from '../output/print-outcome.ts';

/** What every command takes that changes objects. */
export interface WriteFlags extends OutcomeFlags {
  readonly dryRun?: string | boolean;
  readonly fieldManager?: string;
  readonly validate?: string | boolean;
}

/** How a command writes, and tells of it. */
export interface Writing {
  readonly dryRun: DryRun;
  readonly options: WriteOptions;
  readonly print: PrintOutcome;
}

/** Gives a command the flags that say how objects are printed. */
export function addOutcomeFlags(command: Command): Command {
  return command
    .option('-o, --output <format>', 'json, yaml, name or jsonpath=TEMPLATE')
    .option('--show-managed-fields', 'keep managedFields in json and yaml');
}

/** Gives a command the flag by which a change is only tried. */
export function addDryRunFlag(command: Command): Command {
  return command.option(
    '--dry-run [strategy]',
    'keep nothing: client says what would be sent, server goes through all but the storing',
  );
}

/** Gives a command the flags of every change. */
export function addWriteFlags(command: Command, manager: string): Command {
  return addDryRunFlag(addOutcomeFlags(command)).option(
    '--field-manager <name>',
    'who owns the fields that are written',
    manager,
  );
}

/** Gives a command the flag that says what becomes of fields that the server does not know. */
export function addValidateFlag(command: Command): Command {
  return command.option(
    '--validate [strategy]',
    'of unknown and repeated fields: strict refuses them, warn tells of them, ignore drops them',
    'strict',
  );
}

/** Reads the flags of a change. Errors: `CommandError`. */
export async function readWriting(
  { output, signal }: Pick<CommandContext, 'output' | 'signal'>,
  flags: WriteFlags,
): Promise<Writing> {
  const dryRun = readDryRun(flags.dryRun);
  const { fieldManager, validate } = flags;
  return {
    dryRun,
    options: {
      signal,
      ...(dryRun === 'server' ? { dryRun: true } : {}),
      ...(fieldManager === undefined ? {} : { fieldManager }),
      ...(validate === undefined ? {} : { fieldValidation: readValidation(validate) }),
    },
    print: await outcomePrinter(output, flags, dryRun),
  };
}

function readValidation(strategy: string | boolean): 'Strict' | 'Warn' | 'Ignore' {
  const found = validations[String(strategy).toLowerCase()];
  if (found !== undefined) return found;
  throw new CommandError(
    `invalid - validate option "${strategy}"; must be one of: strict (or true), warn, ignore (or false)`,
  );
}

const validations: Readonly<Record<string, 'Strict' | 'Warn' | 'Ignore'>> = {
  strict: 'Strict',
  true: 'Strict',
  warn: 'Warn',
  ignore: 'Ignore',
  false: 'Ignore',
};
