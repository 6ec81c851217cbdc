import { CommandError } from '../command-error.ts';

/** Who goes through a change without keeping it. */
export type DryRun = 'none' | 'client' | 'server';

/** Reads `--dry-run`, which may stand alone. Errors: `CommandError`. */
export function readDryRun(strategy: string | boolean | undefined): DryRun {
  if (strategy === undefined || strategy === 'none' || strategy === false || strategy === 'false')
    return 'none';
  // As it was written before there were two kinds.
  if (strategy === true || strategy === 'true') return 'client';
  if (strategy === 'client' || strategy === 'server') return strategy;
  throw new CommandError(
    `Invalid dry-run value (${strategy}). Must be "none", "server", or "client".`,
  );
}

/** What a message ends with where nothing was kept. */
export const dryRunSuffixes: Readonly<Record<DryRun, string>> = {
  none: '',
  client: ' (dry run)',
  server: ' (server dry run)',
};
