import assert from 'node:assert/strict';
import { chmod, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type BesideKubectl, type Left, openBesideKubectl, skipBeside } from './beside-kubectl.ts';

const configMap = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {${data}}\n`;

suite('diff and edit', { skip: skipBeside }, () => {
  let both: BesideKubectl;
  const path = (name: string): string => join(both.folder, name);
  const write = (name: string, text: string): Promise<void> => writeFile(path(name), text);

  before(async () => {
    both = await openBesideKubectl();
  });
  after(() => both[Symbol.asyncDispose]());

  /** What differs, without the names and times of files. */
  const changes = ({ out }: Left): readonly string[] =>
    out
      .replaceAll("'", '"')
      .split('\n')
      .filter((line) => /^[ @+-]/.test(line) && !/^(---|\+\+\+) /.test(line));

  async function sameDiff(line: string): Promise<Left> {
    const [our, their] = await Promise.all([both.ours(line), both.theirs(line)]);
    assert.equal(our.exitCode, their.exitCode, our.err);
    const plain = (left: Left): readonly string[] =>
      changes(left)
        .filter((text) => !/^\+? *(creationTimestamp|uid|resourceVersion):/.test(text))
        .map((text) => text.replaceAll(/@@.*@@/g, '@@').replaceAll(/-(ours|theirs)\b/g, ''));
    // Where nothing is there yet, kubectl compares with the text "null".
    assert.deepEqual(
      plain(our),
      plain(their).filter((text) => text !== '-null'),
    );
    return our;
  }

  test('diff shows what an apply would change, and its exit code says whether', async () => {
    await both.begin('diff');
    await write('a.yaml', configMap('a', 'x: "1"'));
    await both.same('apply -f a.yaml');
    assert.equal((await sameDiff('diff -f a.yaml')).out, '');
    await write('a.yaml', `${configMap('a', 'w: "2"')}---\n${configMap('fresh', 'z: "1"')}`);
    const { out, exitCode } = await sameDiff('diff -f a.yaml');
    assert.equal(exitCode, 1);
    assert.match(
      out,
      /^diff -u -N LIVE\/v1\.ConfigMap\.diff-ours\.a MERGED\/v1\.ConfigMap\.diff-ours\.a\n--- LIVE/,
    );
    assert.match(out, /\n- {2}x: "1"\n\+ {2}w: "2"\n/);
    await sameDiff('diff --server-side --force-conflicts -f a.yaml');
    await both.sameObjects('cm');
    for (const line of ['diff -f none.yaml', 'diff']) {
      const [our, their] = await Promise.all([both.ours(line), both.theirs(line)]);
      assert.equal(our.exitCode, their.exitCode, line);
      assert.equal(our.exitCode, 2);
    }
  });

  test('diff tells that a secret changes, and not to what', async () => {
    await both.begin('secrets');
    const secret = (data: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {${data}}\n`;
    await write('s.yaml', secret('a: topsecret, b: same'));
    await both.same('apply -f s.yaml');
    await write('s.yaml', secret('a: othersecret, b: same, c: thirdsecret'));
    const [our, their] = await Promise.all([
      both.ours('diff -f s.yaml'),
      both.theirs('diff -f s.yaml'),
    ]);
    assert.equal(our.exitCode, 1);
    assert.deepEqual(
      changes(our).filter((line) => line.includes('***')),
      changes(their).filter((line) => line.includes('***')),
    );
    for (const each of ['topsecret', 'othersecret', 'thirdsecret']) {
      assert.ok(!our.out.includes(each) && !our.out.includes(Buffer.from(each).toString('base64')));
    }
  });

  test('diff leaves the showing to a program of the user, and answers as it does', async () => {
    await both.begin('external');
    await write('a.yaml', configMap('a', 'x: "1"'));
    const show = async (program: string): Promise<Left> =>
      both.ours({
        words: ['diff', '-f', 'a.yaml'],
        variables: { KUBECTL_EXTERNAL_DIFF: program, PATH: process.env['PATH'] ?? '' },
      });
    const shown = await show('diff -u -N');
    assert.equal(shown.exitCode, 1);
    assert.match(shown.out, /\+ {2}x: "1"\n/);
    assert.equal((await show('true')).exitCode, 0);
    const absent = await show('no-such-program -x');
    assert.equal(absent.exitCode, 2);
    assert.match(absent.err, /there is no program no-such-program/);
  });

  /** Runs `edit` with a shell script for an editor; `$1` is the file. */
  async function editBy(script: string, ...words: readonly string[]): Promise<Left> {
    await write('editor', `#!/bin/sh\n${script}\n`);
    await chmod(path('editor'), 0o755);
    const variables = {
      EDITOR: path('editor'),
      TMPDIR: both.folder,
      PATH: process.env['PATH'] ?? '',
    };
    return await both.ours({ words: ['edit', ...words], variables });
  }

  async function copies(): Promise<readonly string[]> {
    return (await readdir(both.folder)).filter((name) => name.startsWith('fairway-edit-'));
  }

  test('edit writes what the editor has changed, and leaves no file', async () => {
    await both.begin('edit');
    await both.same('create cm a --from-literal=x=1');
    const edited = await editBy('sed -i "s/x: .*/x: two/" "$1"', 'cm', 'a');
    assert.deepEqual(edited, { out: 'configmap/a edited\n', err: '', exitCode: 0 });
    assert.equal((await both.ours('get cm a -o jsonpath={.data.x}')).out, 'two');
    const same = await editBy('exit 0', 'cm', 'a');
    assert.deepEqual(same, { out: '', err: 'Edit cancelled, no changes made.\n', exitCode: 0 });
    const empty = await editBy(': > "$1"', 'cm', 'a');
    assert.deepEqual(empty, {
      out: '',
      err: 'Edit cancelled, saved file was empty.\n',
      exitCode: 0,
    });
    const json = await editBy('sed -i "s/two/three/" "$1"', 'cm/a', '-o', 'json', '--output-patch');
    assert.match(json.out, /^Patch: \{"data":\{"x":"three"\}\}\nconfigmap\/a edited\n$/);
    await both.same('create cm b');
    const two = await editBy(
      'sed -i "s/^    name: /    labels: {k: v}\\n    name: /" "$1"',
      'cm',
      'a',
      'b',
    );
    assert.deepEqual(two.out, 'configmap/a edited\nconfigmap/b edited\n', two.err);
    assert.deepEqual(await copies(), []);
  });

  test('edit opens again what is refused, with the reason, and loses nothing', async () => {
    await both.begin('refused');
    await both.same('create deploy web --image=one');
    // The first time it breaks it, the second time it mends it.
    const script = `if grep -q "was not valid" "$1"; then sed -i "s/replicas: .*/replicas: 3/" "$1"; else sed -i "s/replicas: .*/replicas: -1/" "$1"; fi`;
    const mended = await editBy(script, 'deploy', 'web');
    assert.deepEqual(mended, { out: 'deployment.apps/web edited\n', err: '', exitCode: 0 });
    assert.equal((await both.ours('get deploy web -o jsonpath={.spec.replicas}')).out, '3');
    for (const [change, why] of [
      ['s/replicas: .*/replicas: -7/', /Edit cancelled, no valid changes were saved/],
      ['s/replicas: .*/replicas: [/', /Edit cancelled, no valid changes were saved/],
      ['s/^  name: web/  name: other/', /At least one of apiVersion, kind and name was changed/],
    ] as const) {
      const { err, exitCode } = await editBy(`sed -i "${change}" "$1"`, 'deploy', 'web');
      assert.equal(exitCode, 1);
      assert.match(err, why);
      const [, copy = ''] =
        /\n {2}A copy of your changes has been stored to "(.*)"\n$/.exec(err) ?? [];
      assert.match(await readFile(copy, 'utf8'), /replicas: (-7|\[|3)/);
    }
    const broken = await editBy('exit 3', 'deploy', 'web');
    assert.match(broken.err, /^error: there was a problem with the editor/);
    const half = await editBy('echo typed >> "$1"; exit 3', 'deploy', 'web');
    const [, copy = ''] = /stored to "(.*)"/.exec(half.err) ?? [];
    assert.match(await readFile(copy, 'utf8'), /typed\n$/);
  });

  test('edit keeps what others change meanwhile, and says where both have', async () => {
    await both.begin('meanwhile');
    await both.same('create cm a --from-literal=x=1 --from-literal=w=1');
    const kubeconfig = path('.fairway/kubeconfig');
    const others = (data: string): string =>
      `kubectl --kubeconfig ${kubeconfig} -n meanwhile-ours patch cm a --type=merge -p '{"data":${data}}' > /dev/null`;
    const apart = await editBy(
      `${others('{"w":"theirs"}')}; sed -i "s/x: .*/x: ours/" "$1"`,
      'cm',
      'a',
    );
    assert.deepEqual(apart, { out: 'configmap/a edited\n', err: '', exitCode: 0 });
    assert.equal(
      (await both.ours('get cm a -o jsonpath={.data}')).out,
      '{"w":"theirs","x":"ours"}',
    );
    const clash = await editBy(
      `${others('{"x":"again"}')}; sed -i "s/x: .*/x: mine/" "$1"`,
      'cm',
      'a',
    );
    assert.equal(clash.exitCode, 1);
    assert.match(clash.err, /somebody else has changed data\.x of configmaps "a" meanwhile/);
    const [, copy = ''] = /stored to "(.*)"/.exec(clash.err) ?? [];
    assert.match(await readFile(copy, 'utf8'), /x: mine/);
    assert.equal((await both.ours('get cm a -o jsonpath={.data.x}')).out, 'again');
  });
});
