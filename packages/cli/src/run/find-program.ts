import { resolve } from 'node:path';
import type { Environment, Files } from '@fairway/host';

/** What came of looking for a program; the codes are those with which a shell ends. */
export type FoundProgram =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'missing'; readonly exitCode: 126 | 127; readonly message: string };

const executable = 0o111;

/** Looks for a program as a shell does, so that nothing is begun for one that does not exist. */
export async function findProgram(
  { files, environment }: { readonly files: Files; readonly environment: Environment },
  word: string,
): Promise<FoundProgram> {
  const { variables, workingDirectory, platform } = environment;
  // Only the system knows by which endings Windows finds programs.
  if (platform === 'win32') return { kind: 'found', path: word };
  const folders = word.includes('/') ? [''] : (variables['PATH'] ?? '').split(':');
  let unusable: string | undefined;
  for (const folder of folders) {
    const path = word.includes('/') ? word : `${folder || '.'}/${word}`;
    const facts = await files.stat(resolve(workingDirectory, path)).catch(() => undefined);
    // Not there, or in a folder that this user may not look into.
    if (facts === undefined) continue;
    if (!facts.isDirectory && (facts.mode & executable) !== 0) return { kind: 'found', path };
    unusable ??= facts.isDirectory
      ? `${path} is a folder; name a program`
      : `${path} may not be executed; make it executable: chmod +x ${path}`;
  }
  if (unusable !== undefined) return { kind: 'missing', exitCode: 126, message: unusable };
  const remedy = word.includes('/')
    ? 'check the path'
    : 'install it, or give its path; it is looked for in PATH';
  return { kind: 'missing', exitCode: 127, message: `${word}: command not found; ${remedy}` };
}
