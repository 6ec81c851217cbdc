import { join, resolve } from 'node:path';
import { checkSqliteStore, repairSqliteStore, type StoreFindings } from '@fairway/store/repair';
import { claimDataDirectory, type DataDirectoryClaim } from '../cluster/data-directory.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { quotedPath } from '../quoted-path.ts';

interface StoreFlags {
  readonly dataDir: string;
}

/**
 * Says whether everything in the store of a data directory is what was written.
 *
 * Errors: `CommandError` when it is not, after all of it was printed.
 */
export async function checkStore(context: CommandContext, flags: StoreFlags): Promise<void> {
  const directory = dataDirectory(context, flags);
  await using _claim = await claim(context, directory);
  const findings = checkSqliteStore(join(directory, 'store'));
  if (findings.damage === undefined) return context.output.write(describeWhole(findings));
  await printLoss(context, findings);
  throw new CommandError(
    `the store in ${findings.directory} is damaged: ${findings.damage}; \`fairway store repair --data-dir ${quotedPath(directory)}\` keeps the ${count(findings.wholeCount)} that are whole, or restore the store from a backup`,
  );
}

/** Makes a store that opens again out of everything in a damaged one that is whole. */
export async function repairStore(context: CommandContext, flags: StoreFlags): Promise<void> {
  const directory = dataDirectory(context, flags);
  await using _claim = await claim(context, directory);
  const repair = repairSqliteStore(join(directory, 'store'));
  const { output } = context;
  if (repair.setAside === undefined) return output.write(describeWhole(repair));
  await printLoss(context, repair);
  await output.write(
    `Repaired the store in ${repair.directory}: ${count(repair.wholeCount)} kept, ${lossCount(repair)} lost.\n` +
      `The damaged file is kept as ${repair.setAside}.\n`,
  );
}

function dataDirectory({ host }: CommandContext, flags: StoreFlags): string {
  return resolve(host.environment.workingDirectory, flags.dataDir);
}

/** Keeps every cluster away meanwhile. Errors: `CommandError` when one runs, or nothing is there. */
async function claim(context: CommandContext, directory: string): Promise<DataDirectoryClaim> {
  const { host, background, program } = context;
  if ((await host.files.stat(join(directory, 'store'))) === undefined) {
    throw new CommandError(
      `there is no store in ${directory}; name its directory with --data-dir, the one that \`fairway up\` was given`,
    );
  }
  return claimDataDirectory({ files: host.files, background }, directory, program.pid);
}

async function printLoss({ output }: CommandContext, findings: StoreFindings): Promise<void> {
  for (const key of findings.lost) await output.write(`lost: ${key}\n`);
  if (findings.lostWithoutKey === 0) return;
  await output.write(`lost: ${count(findings.lostWithoutKey)} more, whose names are lost too\n`);
}

function describeWhole({ directory, wholeCount, isVerified }: StoreFindings): string {
  return isVerified
    ? `The store in ${directory} is whole: ${count(wholeCount)}.\n`
    : `The store in ${directory} looks whole: ${count(wholeCount)}, without checksums as an earlier version wrote it; the next start adds them.\n`;
}

function lossCount({ lost, lostWithoutKey }: StoreFindings): number {
  return lost.length + lostWithoutKey;
}

function count(objects: number): string {
  return `${objects} ${objects === 1 ? 'object' : 'objects'}`;
}
