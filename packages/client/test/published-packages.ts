import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundlePackage } from '../../../tools/build/bundle-package.ts';

/** Installs the client in a folder of its own, as it would be published, without declarations. */
export async function publishedPackages(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fairway-published-'));
  // Deno asks for it before it looks at what is installed.
  const manifest = { private: true, dependencies: { '@fairway/client': '*' } };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  for (const name of ['host', 'protocol', 'client']) {
    const source = path.join(import.meta.dirname, '../..', name);
    const target = path.join(folder, 'node_modules/@fairway', name);
    await mkdir(target, { recursive: true });
    await copyFile(path.join(source, 'package.json'), path.join(target, 'package.json'));
    await bundlePackage(source, path.join(target, 'dist'));
  }
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
