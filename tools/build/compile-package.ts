import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const root = path.join(import.meta.dirname, '../..');

export interface CompileOptions {
  /** Declarations and no code. */
  readonly isTypesOnly: boolean;
}

/**
 * Compiles the sources of a package into its `dist`, against the declarations of the packages that
 * are built already. Answers what the compiler says against it, one line each.
 */
export async function compilePackage(folder: string, options: CompileOptions): Promise<string[]> {
  const config = path.join(root, 'node_modules/.cache/build', `${path.basename(folder)}.json`);
  mkdirSync(path.dirname(config), { recursive: true });
  writeFileSync(config, JSON.stringify(projectOf(folder, options)));
  // One thread, and memory that nobody collects, take a third less CPU time.
  const compiler = spawn('node_modules/.bin/tsc', ['--singleThreaded', '-p', config], {
    cwd: root,
    env: { ...process.env, GOGC: 'off' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, code] = await Promise.all([
    text(compiler.stdout),
    new Promise<number | null>((resolve, reject) =>
      compiler.once('error', reject).once('close', resolve),
    ),
  ]);
  if (code === 0) return [];
  return said.trim() === ''
    ? [`${folder}: the compiler ended with ${code}`]
    : said.trim().split('\n');
}

function projectOf(folder: string, { isTypesOnly }: CompileOptions): object {
  const source = path.join(folder, 'src');
  return {
    extends: path.join(root, 'tsconfig.base.json'),
    compilerOptions: {
      rootDir: source,
      outDir: path.join(folder, 'dist'),
      emitDeclarationOnly: isTypesOnly,
      // Only they would need it, who read one file at a time.
      isolatedDeclarations: false,
    },
    include: [source],
    exclude: [path.join(source, '**/*.test.ts')],
  };
}
