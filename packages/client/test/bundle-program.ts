import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type OutputChunk, rolldown } from 'rolldown';

/** What a program weighs, minified, without the modules of Node.js. */
export interface Bundle {
  /** What is loaded at the start. */
  readonly startBytes: number;
  readonly startBytesGzipped: number;
  /** What may be loaded later: file → bytes. */
  readonly late: Readonly<Record<string, number>>;
  /** The modules of Node.js that any part of it imports. */
  readonly nodeModules: readonly string[];
}

export interface BundleOptions {
  readonly platform?: 'node' | 'browser';
  /** A folder in which the libraries are installed; the sources of this workspace when absent. */
  readonly installedIn?: string;
}

/** Bundles a program as those do who publish one, with a file for each `import()`. */
export async function bundleProgram(program: string, options: BundleOptions = {}): Promise<Bundle> {
  const { platform = 'node', installedIn } = options;
  const entry = path.join(installedIn ?? import.meta.dirname, 'program.js');
  const bundle = await rolldown({
    input: entry,
    platform,
    external: /^node:/,
    ...(installedIn === undefined
      ? { resolve: { conditionNames: ['@fairway/source', 'import'] } }
      : {}),
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? program : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const chunks = output.filter((part) => part.type === 'chunk');
  const start = loadedAtStart(chunks);
  const code = start.map((chunk) => chunk.code).join('');
  return {
    startBytes: Buffer.byteLength(code),
    startBytesGzipped: gzipSync(code).length,
    late: Object.fromEntries(
      chunks
        .filter((chunk) => !start.includes(chunk))
        .map((chunk) => [chunk.name, Buffer.byteLength(chunk.code)]),
    ),
    nodeModules: [
      ...new Set(chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])),
    ].filter((name) => name.startsWith('node:')),
  };
}

function loadedAtStart(chunks: readonly OutputChunk[]): OutputChunk[] {
  const start = chunks.filter((chunk) => chunk.isEntry);
  for (const { imports } of start) {
    for (const chunk of chunks) {
      if (imports.includes(chunk.fileName) && !start.includes(chunk)) start.push(chunk);
    }
  }
  return start;
}
