import type { DynamicObject } from '@fairway/client';
import type { ResourceDescriptor } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { type DryRun, dryRunSuffixes } from './dry-run.ts';
import { parseOutputFormat } from './output-format.ts';
import type { Output } from './output.ts';
import { shown } from './shown-object.ts';
import { typeNameOf } from './type-name.ts';

/** How a command tells what it has done. */
export interface OutcomeFlags {
  readonly output?: string;
  readonly showManagedFields?: boolean;
}

/** What became of an object. */
export interface Outcome {
  readonly resource: Pick<ResourceDescriptor, 'kind' | 'group'>;
  readonly object: DynamicObject;
  /** `created`, `configured`, `unchanged`. */
  readonly operation: string;
}

/** Tells what became of one object. */
export type PrintOutcome = (outcome: Outcome) => Promise<void>;

/**
 * Prepares to tell what becomes of objects, as `-o` asks: `configmap/a created (dry run)`, or the object.
 *
 * Errors: `CommandError` for a format that is none.
 */
export async function outcomePrinter(
  output: Output,
  { output: text, showManagedFields = false }: OutcomeFlags,
  dryRun: DryRun,
): Promise<PrintOutcome> {
  const format = await parseOutputFormat(text);
  if (format.kind === 'table' && format.isWide) {
    throw new CommandError(
      'unable to match a printer suitable for the output format "wide", allowed formats are: json,jsonpath,name,yaml',
    );
  }
  let isFirst = true;
  return async ({ resource, object, operation }) => {
    const name = `${typeNameOf(resource)}/${object.metadata?.name ?? ''}`;
    if (format.kind === 'name') await output.write(`${name}\n`);
    else if (format.kind === 'table') {
      await output.write(`${name} ${operation}${dryRunSuffixes[dryRun]}\n`);
    } else {
      const separator = text === 'yaml' && !isFirst ? '---\n' : '';
      await output.write(`${separator}${format.format(shown(object, showManagedFields))}`);
    }
    isFirst = false;
  };
}

/** Tells what becomes of objects as above, but of several in JSON or YAML at the end, in one List. */
export async function togetherPrinter(
  output: Output,
  flags: OutcomeFlags,
  dryRun: DryRun,
): Promise<{ readonly print: PrintOutcome; readonly end: () => Promise<void> }> {
  const print = await outcomePrinter(output, flags, dryRun);
  const format = await parseOutputFormat(flags.output);
  if (format.kind !== 'document') return { print, end: () => Promise.resolve() };
  const objects: DynamicObject[] = [];
  const keep = ({ object }: Outcome): Promise<void> => {
    objects.push(shown(object, flags.showManagedFields === true));
    return Promise.resolve();
  };
  const end = async (): Promise<void> => {
    const list = { apiVersion: 'v1', items: objects, kind: 'List', metadata: {} };
    await output.write(format.format(objects.length === 1 ? objects[0] : list));
  };
  return { print: keep, end };
}
