import type { Command } from 'commander';
import { ApiError, type LabelSelector, parseLabelSelector } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { appendNames } from '../flag-values.ts';

/** Which files are meant, as commander reads it. */
export interface FileFlags {
  readonly filename?: readonly string[];
  readonly recursive?: boolean;
  readonly kustomize?: string;
}

/** Which objects are meant, beside those that words name. */
export interface SelectionFlags extends FileFlags {
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly all?: boolean;
  readonly allNamespaces?: boolean;
}

/** Reads a selector of labels. Errors: `CommandError` that names the flag. */
export function readLabelSelector(flag: string, text: string): LabelSelector {
  try {
    return parseLabelSelector(text);
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    throw new CommandError(`cannot use ${flag} ${JSON.stringify(text)}: ${cause.message}`, {
      cause,
    });
  }
}

/** Gives a command the flags that name files. */
export function addFileFlags(command: Command): Command {
  return command
    .option(
      '-f, --filename <file>',
      'YAML or JSON of objects: a file, a folder, a URL, or - for the input (repeatable)',
      appendNames,
    )
    .option('-R, --recursive', 'the folders within a folder too')
    .option('-k, --kustomize <dir>', 'not built: pipe what `kubectl kustomize` prints into -f -');
}

/** Gives a command the flag that selects by labels. */
export function addLabelFlag(command: Command): Command {
  return command.option(
    '-l, --selector <selector>',
    'only objects with these labels: app=web,tier!=test',
  );
}

/** Gives a command the flags that select objects of a type. */
export function addSelectorFlags(command: Command): Command {
  return addLabelFlag(command)
    .option('--field-selector <selector>', 'only objects with these fields: metadata.name=web')
    .option('--all', 'all objects of the types')
    .option('-A, --all-namespaces', 'in every namespace');
}
