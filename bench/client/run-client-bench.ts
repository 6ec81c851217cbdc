import path from 'node:path';
import { bundleProgram } from '../../packages/client/test/bundle-program.ts';
import { type Installation, installClientNode, installFairway } from './install-peers.ts';
import { type Sample, type StubServer, runProgram, startStubServer } from './run-program.ts';

const rounds = 7;

/**
 * Measures the client as it would be published beside `@kubernetes/client-node`. Each sample is a
 * process of its own; the two take turns; what is printed are medians.
 */
export async function runClientBench(): Promise<void> {
  const fairway = await installFairway();
  const clientNode = await installClientNode();
  const row = (name: string, theirs: string, ours: string, ratio = ''): void =>
    console.log(
      `${name.padEnd(44)}${theirs.padStart(20)}${ours.padStart(20)}${ratio.padStart(18)}`,
    );
  row('', 'client-node 2.0.1', 'fairway', 'ours : theirs');
  measureInstallations(row, clientNode, fairway);
  await measureBundles(row, clientNode, fairway);
  const bench = { row, clientNode, fairway };
  await measureImports(bench);
  await using server = await startStubServer();
  await measureLists(bench, server);
  await measureWatch(bench, server);
  await measureGets(bench, server);
  await measureCaches(bench, server);
}

type Row = (name: string, theirs: string, ours: string, ratio?: string) => void;

interface Bench {
  readonly row: Row;
  readonly clientNode: Installation;
  readonly fairway: Installation;
}

function measureInstallations(row: Row, theirs: Installation, ours: Installation): void {
  const text = ({ megabytes, packages }: Installation): string =>
    `${megabytes.toFixed(1)} MB, ${packages}`;
  row('installed, packages', text(theirs), text(ours), ratioOf(ours.megabytes, theirs.megabytes));
}

async function measureBundles(row: Row, theirs: Installation, ours: Installation): Promise<void> {
  const peer = await bundleProgram(
    `import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
     const config = new KubeConfig();
     config.loadFromDefault();
     console.log(await config.makeApiClient(CoreV1Api).listPodForAllNamespaces());`,
    { installedIn: theirs.path },
  );
  const own = await bundleProgram(
    `import { connect } from '@fairway/client/connect';
     import { Pod } from '@fairway/kinds/core/v1';
     const client = await connect();
     console.log(await client.list(Pod, { allNamespaces: true }).all());`,
    { installedIn: ours.path },
  );
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} KB`;
  const all = (late: Readonly<Record<string, number>>): number =>
    Object.values(late).reduce((sum, bytes) => sum + bytes, 0);
  const name = 'bundle of config + one list, at the start';
  row(
    name,
    kilobytes(peer.startBytes),
    kilobytes(own.startBytes),
    ratioOf(own.startBytes, peer.startBytes),
  );
  row('… and all that may be loaded later', kilobytes(all(peer.late)), kilobytes(all(own.late)));
}

async function measureImports({ row, clientNode, fairway }: Bench): Promise<void> {
  const { base, theirs, ours } = await takeTurns({
    base: () => runProgram(path.join(fairway.path, 'node-https-import.mjs')),
    theirs: () => runProgram(path.join(clientNode.path, 'client-node-import.mjs')),
    ours: () => runProgram(path.join(fairway.path, 'fairway-import.mjs')),
  });
  const text = ({ cpuMs, peakMegabytes }: Sample): string =>
    `${cpuMs.toFixed(0)} ms, ${peakMegabytes.toFixed(0)} MB`;
  rowOf(row, 'import, CPU and peak RSS', { theirs, ours, text });
  const added = (sample: Sample): string => `${(sample.cpuMs - base.cpuMs).toFixed(0)} ms`;
  row(`… above node:https (${base.cpuMs.toFixed(0)} ms)`, added(theirs), added(ours));
}

async function measureLists(
  { row, clientNode, fairway }: Bench,
  server: StubServer,
): Promise<void> {
  const { theirs, ours, whole } = await takeTurns({
    theirs: () => server.run(path.join(clientNode.path, 'client-node-list.mjs'), 'plain'),
    ours: () => server.run(path.join(fairway.path, 'fairway-list.mjs'), 'plain'),
    whole: () => server.run(path.join(fairway.path, 'fairway-list-all.mjs'), 'plain'),
  });
  const text = ({ cpuMs, peakMegabytes }: Sample): string =>
    `${cpuMs.toFixed(0)} ms, ${peakMegabytes.toFixed(0)} MB`;
  rowOf(row, 'list 10,000 pods one by one', { theirs, ours, text });
  rowOf(row, '… as an array of all', { theirs, ours: whole, text });
}

async function measureWatch(
  { row, clientNode, fairway }: Bench,
  server: StubServer,
): Promise<void> {
  const { theirs, ours } = await takeTurns({
    theirs: () => server.run(path.join(clientNode.path, 'client-node-watch.mjs'), 'plain'),
    ours: () => server.run(path.join(fairway.path, 'fairway-watch.mjs'), 'plain'),
  });
  const rate = ({ count = 0, cpuMs }: Sample): number => (count / cpuMs) * 1000;
  const text = (sample: Sample): string =>
    `${(rate(sample) / 1000).toFixed(1)} k/s, ${sample.peakMegabytes.toFixed(0)} MB`;
  row(
    'watch 50,000 events: per CPU second',
    text(theirs),
    text(ours),
    `${(rate(ours) / rate(theirs)).toFixed(2)} ${ratioOf(ours.peakMegabytes, theirs.peakMegabytes)}`,
  );
}

async function measureGets({ row, clientNode, fairway }: Bench, server: StubServer): Promise<void> {
  const { theirs, ours } = await takeTurns({
    theirs: () => server.run(path.join(clientNode.path, 'client-node-gets.mjs'), 'tls'),
    ours: () => server.run(path.join(fairway.path, 'fairway-gets.mjs'), 'tls'),
  });
  const text = ({ connections, cpuMs }: Sample): string =>
    `${connections} conn., ${cpuMs.toFixed(0)} ms`;
  rowOf(row, '200 GETs over TLS', { theirs, ours, text });
}

async function measureCaches(
  { row, clientNode, fairway }: Bench,
  server: StubServer,
): Promise<void> {
  const { theirs, ours, projected } = await takeTurns(
    {
      theirs: () => server.run(path.join(clientNode.path, 'client-node-cache.mjs'), 'plain'),
      ours: () => server.run(path.join(fairway.path, 'fairway-cache.mjs'), 'plain'),
      projected: () => server.run(path.join(fairway.path, 'fairway-projection.mjs'), 'plain'),
    },
    3,
  );
  const heap = ({ heapMegabytes = 0 }: Sample): number => heapMegabytes;
  const text = (sample: Sample): string => `${heap(sample).toFixed(1)} MB`;
  const name = 'heap that a cache of 10,000 pods retains';
  row(name, text(theirs), text(ours), ratioOf(heap(ours), heap(theirs)));
  row('… of names and phases', '', text(projected), ratioOf(heap(projected), heap(theirs)));
}

function rowOf(
  row: Row,
  name: string,
  of: { readonly theirs: Sample; readonly ours: Sample; readonly text: (of: Sample) => string },
): void {
  const { theirs, ours, text } = of;
  const ratios = [
    ratioOf(ours.cpuMs, theirs.cpuMs),
    ratioOf(ours.peakMegabytes, theirs.peakMegabytes),
  ];
  row(name, text(theirs), text(ours), ratios.join(' '));
}

function ratioOf(ours: number, theirs: number): string {
  return (ours / theirs).toPrecision(2);
}

/** Runs each of the programs once per round, and answers what each took in the median. */
async function takeTurns<Name extends string>(
  programs: Readonly<Record<Name, () => Promise<Sample>>>,
  times: number = rounds,
): Promise<Record<Name, Sample>> {
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < times; round++) {
    for (const [name, run] of Object.entries<() => Promise<Sample>>(programs)) {
      samples.set(name, [...(samples.get(name) ?? []), await run()]);
    }
  }
  return Object.fromEntries([...samples].map(([name, taken]) => [name, medianOf(taken)])) as Record<
    Name,
    Sample
  >;
}

function medianOf(samples: readonly Sample[]): Sample {
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const fields = new Set(samples.flatMap((sample) => Object.keys(sample) as (keyof Sample)[]));
  return Object.fromEntries(
    [...fields].map((field) => [field, median(samples.map((sample) => sample[field] ?? 0))]),
  ) as unknown as Sample;
}
