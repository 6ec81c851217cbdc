import { join } from 'node:path';
import type { Files } from '@fairway/host';
import type { Program } from '../command-context.ts';
import { quotedPath } from '../quoted-path.ts';
import { serverNodeFlags, serverVariables } from '../server-process.ts';

/** The programs that a test environment looks for in its folder, and what each starts. */
const programs = ['etcd', 'kube-apiserver'] as const;

/**
 * Writes programs that start what stands in for them, each with the Node.js and the Fairway that this
 * process runs, and one that starts `kubectl` where there is one.
 */
export async function writePrograms(
  files: Files,
  directory: string,
  { program, kubectl }: { readonly program: Program; readonly kubectl: string | undefined },
): Promise<void> {
  await files.makeDirectory(directory);
  const own = [program.file, ...serverNodeFlags, ...program.arguments];
  for (const name of programs) {
    await write(files, join(directory, name), [...own, name]);
  }
  if (kubectl !== undefined) await write(files, join(directory, 'kubectl'), [kubectl]);
}

async function write(files: Files, path: string, words: readonly string[]): Promise<void> {
  const text = [
    '#!/bin/sh',
    '# Written by `fairway envtest`, which writes it anew when Node.js or Fairway have moved.',
    ...Object.entries(serverVariables).map(
      ([name, value]) => `export ${name}="\${${name}:-${value}}"`,
    ),
    `exec ${words.map(quotedPath).join(' ')} "$@"`,
    '',
  ].join('\n');
  await files.write(path, Buffer.from(text), { mode: 0o755 });
}
