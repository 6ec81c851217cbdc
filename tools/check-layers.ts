/**
 * Holds every import specifier and every package.json against the table of layers, and every file
 * against the rules of the house that a machine can check. Prints what is wrong, one line each.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, normalize } from 'node:path';
import { type Layer, folderLayers, layers } from './layers.ts';

export function checkLayers(): string[] {
  const files = globSync('packages/*/src/**/*.ts').sort();
  const tests = globSync('packages/*/test/**/*.ts').sort();
  return [
    ...checkManifests(),
    ...files.flatMap(checkFile),
    ...tests.flatMap(checkTestFile),
    ...checkCircles(files),
    ...checkFolders(files),
  ];
}

const bannedNames =
  /(^|-)(utils?|helpers?|common|misc|shared|base|manager|internal|types|constants)$/;
const ambient =
  /\bDate\.now\(|\bnew Date\(\)|(?<![.\w])set(Timeout|Interval)\(|\bMath\.random\(|\bprocess\.(env|cwd|exit|argv)\b|\bconsole\./;
/** What Kubernetes defines and we write down again: each file names the place to check it against. */
const citesItsSource = /packages\/kind-rules\/src\/(rules|metadata|tables|versions)\//;
/** The only places that may touch the machine: host itself, entry points, workers. */
const mayBeAmbient =
  /packages\/host\/src\/nodejs(-[a-z-]+)?\.ts|packages\/cli\/src\/main\.ts|packages\/client\/src\/browser\.ts|packages\/node-agent\/src\/processes\/(pod-shim|network\/network-program)\.ts|\.test\.ts$|-worker\.ts$/;

function* importsOf(text: string): Generator<string> {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^'"();]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/g;
  for (const match of text.matchAll(pattern)) {
    const specifier = match[1] ?? match[2] ?? match[3];
    if (specifier !== undefined) yield specifier;
  }
}

function checkFile(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const owner = file.split('/')[1] ?? '';
  const layer = layers[owner];
  if (layer === undefined) return [`${file}: package ${owner} has no line in tools/layers.ts`];
  const problems = [...importsOf(text)].flatMap((specifier) => checkImport(file, specifier, layer));
  if (file.includes('/generated/')) return problems;
  if (file.endsWith('.test.ts')) problems.push(...checkHooks(file, text));
  const name = basename(file, '.ts').replace(/\.test$/, '');
  if (bannedNames.test(name)) problems.push(`${file}: the name says nothing about its subject`);
  if (name === 'index' && dirname(file) !== `packages/${owner}/src`)
    problems.push(`${file}: index.ts exists only at a package's root`);
  if (citesItsSource.test(file) && !file.endsWith('.test.ts') && !text.includes('Source:'))
    problems.push(`${file}: says nowhere which part of the API it follows (Source: ...)`);
  if (/^export (default|\*)/m.test(text)) problems.push(`${file}: no default and no star exports`);
  if (ambient.test(text) && !mayBeAmbient.test(file))
    problems.push(
      `${file}: touches the machine (${ambient.exec(text)?.[0]}); take it as an argument`,
    );
  return problems;
}

/** What only tests use: imports as everywhere, and hooks that are the test's own. */
function checkTestFile(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const layer = layers[file.split('/')[1] ?? ''];
  if (layer === undefined) return [];
  const problems = [...importsOf(text)].flatMap((specifier) => checkImport(file, specifier, layer));
  return [...problems, ...checkHooks(file, text)];
}

/** The tests of a package run in one process, where a hook of a file is one of every file. */
function checkHooks(file: string, text: string): string[] {
  return /^(before|after)(Each)?\(/m.test(text)
    ? [`${file}: a hook outside of a suite runs for every file; make it a suite's or a test's own`]
    : [];
}

function checkImport(file: string, specifier: string, layer: Layer): string[] {
  const owner = file.split('/')[1] ?? '';
  const isTest = /\.test\.ts$|\/test\//.test(file);
  if (specifier.startsWith('.')) {
    const target = normalize(`${dirname(file)}/${specifier}`);
    const isForAll = isTest && /^(test|tools)\//.test(target);
    return target.startsWith(`packages/${owner}/`) || isForAll
      ? []
      : [`${file}: ${specifier} leaves the package; import it by its name`];
  }
  const bare = specifier.startsWith('@')
    ? specifier.split('/').slice(0, 2).join('/')
    : (specifier.split('/')[0] ?? '');
  if (bare.startsWith('node:') || builtinModules.includes(bare)) return [];
  if (bare.startsWith('@fairway/')) {
    const target = bare.slice('@fairway/'.length);
    const isAllowed = layer.mayImport.includes(target) || isTest;
    return isAllowed ? [] : [`${file}: ${owner} may not import ${target} (tools/layers.ts)`];
  }
  const isAllowed = layer.libraries.includes(bare) || isTest || file.includes('/testing');
  return isAllowed ? [] : [`${file}: ${bare} is not a library of ${owner} (tools/layers.ts)`];
}

/**
 * Within a package the arrows between files point one way, those of types too: whoever reads a file
 * can then read what it needs first. Packages cannot form a circle, because their layers descend.
 */
function checkCircles(files: readonly string[]): string[] {
  const problems: string[] = [];
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      const circle = [...path.slice(start), file].join(' -> ');
      problems.push(`${file}: imports itself in a circle (${circle}); move what both need`);
    }
    if (start >= 0 || finished.has(file)) return;
    for (const target of importedFiles(file)) visit(target, [...path, file]);
    finished.add(file);
  };
  for (const file of files) visit(file, []);
  return problems;
}

/** Holds the arrows between the folders of a package against their layers. */
function checkFolders(files: readonly string[]): string[] {
  return files.filter((file) => !file.endsWith('.test.ts')).flatMap(checkFolderArrows);
}

function checkFolderArrows(file: string): string[] {
  const [, owner = ''] = file.split('/');
  const rows = folderLayers[owner];
  const from = folderOf(file);
  if (rows === undefined || from === undefined) return [];
  const rank = (folder: string): number => rows.findIndex((row) => row.includes(folder));
  if (rank(from) < 0) return [`${file}: folder ${from} has no place in tools/layers.ts`];
  const targets = importedFiles(file).map(folderOf);
  return [...new Set(targets)].flatMap((to) =>
    to === undefined || to === from || rank(to) < rank(from)
      ? []
      : [`${file}: the arrow ${from} -> ${to} does not point down (tools/layers.ts)`],
  );
}

/** The folder below `src` that a file lies in; undefined at the root. */
function folderOf(file: string): string | undefined {
  const [, , , folder, name] = file.split('/');
  return name === undefined ? undefined : folder;
}

function importedFiles(file: string): string[] {
  return [...importsOf(readFileSync(file, 'utf8'))]
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => normalize(`${dirname(file)}/${specifier}`))
    .filter((target) => target.endsWith('.ts') && existsSync(target));
}

/** What the sources of a package import from the others, by package name. */
function importedPackages(name: string): ReadonlySet<string> {
  const files = globSync(`packages/${name}/src/**/*.ts`).filter(
    (file) => !file.endsWith('.test.ts'),
  );
  const specifiers = files.flatMap((file) => [...importsOf(readFileSync(file, 'utf8'))]);
  return new Set(
    specifiers
      .filter((each) => each.startsWith('@fairway/') && each !== `@fairway/${name}`)
      .map((each) => each.split('/').slice(0, 2).join('/')),
  );
}

/** A dependency within the repository is declared when it is used, and only then. */
function checkDeclared(name: string, dependencies: readonly string[]): string[] {
  const file = `packages/${name}/package.json`;
  const imported = importedPackages(name);
  const undeclared = [...imported].filter((each) => !dependencies.includes(each));
  const unused = dependencies.filter((each) => each.startsWith('@fairway/') && !imported.has(each));
  return [
    ...undeclared.map((each) => `${file}: ${each} is imported and not declared`),
    ...unused.map((each) => `${file}: ${each} is declared and not imported`),
  ];
}

function checkManifests(): string[] {
  const problems: string[] = [];
  for (const [name, layer] of Object.entries(layers)) {
    const file = `packages/${name}/package.json`;
    if (!existsSync(file)) {
      problems.push(`${file}: named in tools/layers.ts and absent`);
      continue;
    }
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies?: object };
    const dependencies = Object.keys(manifest.dependencies ?? {});
    problems.push(...checkDeclared(name, dependencies));
    for (const dependency of dependencies) {
      const target = dependency.replace('@fairway/', '');
      const isAllowed = layer.mayImport.includes(target) || layer.libraries.includes(dependency);
      if (!isAllowed) problems.push(`${file}: ${dependency} is not in tools/layers.ts`);
    }
    for (const target of layer.mayImport) {
      const below = layers[target];
      if (below === undefined || below.layer >= layer.layer)
        problems.push(`tools/layers.ts: the arrow ${name} -> ${target} does not point down`);
    }
  }
  return problems;
}
