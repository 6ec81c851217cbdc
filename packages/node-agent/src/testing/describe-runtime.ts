import { after, before, describe, test } from 'node:test';
import { describeContainers } from './describe-containers.ts';
import { describePods } from './describe-pods.ts';
import { describeStreams } from './describe-streams.ts';
import type { DeclareTest, RuntimeFixture } from './runtime-fixture.ts';

/** What opens the fixture of some tests. `skip`: what this machine lacks for it. */
export interface RuntimeOpener<Fixture extends RuntimeFixture> {
  readonly skip: string | false;
  readonly open: () => Promise<Fixture>;
}

/**
 * Every promise of `PodRuntime`, as tests with real containers.
 *
 * `unkept`: the promises that a runtime does not keep, and why; each has to be the name of a test.
 */
export function describeRuntime(
  name: string,
  opener: RuntimeOpener<RuntimeFixture>,
  unkept: Readonly<Record<string, string>> = {},
): void {
  const declared = new Set<string>();
  const declare: DeclareTest = (promise, body) => {
    declared.add(promise);
    test(promise, { skip: unkept[promise] ?? false }, body);
  };
  withRuntime(name, opener, (fixture) => {
    describePods(fixture, declare);
    describeContainers(fixture, declare);
    describeStreams(fixture, declare);
    const [unknown] = Object.keys(unkept).filter((each) => !declared.has(each));
    if (unknown !== undefined) throw new Error(`no test of runtimes is named "${unknown}"`);
  });
}

/** Tests that share a runtime, which is opened before the first and closed after the last of them. */
export function withRuntime<Fixture extends RuntimeFixture>(
  name: string,
  { skip, open }: RuntimeOpener<Fixture>,
  tests: (fixture: () => Fixture) => void,
): void {
  describe(name, { skip }, () => {
    let opened: Fixture | undefined;
    before(async () => void (opened = await open()));
    after(async () => await opened?.[Symbol.asyncDispose]());
    tests(() => {
      if (opened === undefined) throw new Error('no runtime was opened');
      return opened;
    });
  });
}
