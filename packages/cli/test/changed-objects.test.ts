import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { commandLine } from './command-line.ts';
import { type BesideKubectl, openBesideKubectl, skipBeside } from './beside-kubectl.ts';

const container = (name: string, image: string, more = ''): string =>
  `      - {name: ${name}, image: ${image}${more}}\n`;

const deployment = (containers: string, more = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
${more}  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
${containers}`;

const configMap = (name: string, data: string, labels = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}${labels === '' ? '' : `, labels: {${labels}}`}}
data: {${data}}
`;

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: dogs.zoo.example}
spec:
  group: zoo.example
  scope: Namespaced
  names: {plural: dogs, singular: dog, kind: Dog}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`;

suite('commands that change objects', { skip: skipBeside }, () => {
  let both: BesideKubectl;
  const write = (path: string, text: string): Promise<void> =>
    writeFile(join(both.folder, path), text);
  const sameAll = async (...lines: readonly string[]): Promise<void> => {
    for (const line of lines) await both.same(line);
  };
  const refusedAll = async (...lines: readonly string[]): Promise<void> => {
    for (const line of lines) await both.same({ words: line.split(' '), hasOwnErrors: true });
  };

  before(async () => {
    both = await openBesideKubectl();
  });
  after(() => both[Symbol.asyncDispose]());

  test('apply gives what files say, takes away what they said before, and leaves what others add', async () => {
    await both.begin('apply');
    const env =
      ', env: [{name: A, value: "1"}, {name: B, value: "2"}], ports: [{containerPort: 80}]';
    await write('web.yaml', deployment(container('a', 'one', env) + container('b', 'two')));
    await sameAll('apply -f web.yaml', 'apply -f web.yaml');
    // Others add a container, a variable and a label, and scale it.
    const other =
      '{"spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"sidecar","image":"s"},{"name":"a","env":[{"name":"OTHER","value":"x"}]}]}}}}';
    await both.same({ words: ['patch', 'deploy', 'web', '-p', other] });
    await both.same('label deploy web own=yes');
    // Where nothing is to be done we send nothing; kubectl sends the order of lists.
    const [ours] = await Promise.all([
      both.ours('apply -f web.yaml'),
      both.theirs('apply -f web.yaml'),
    ]);
    assert.equal(ours.out, 'deployment.apps/web unchanged\n');
    const less = ', env: [{name: B, value: "3"}]';
    await write('web.yaml', deployment(container('c', 'three') + container('a', 'four', less)));
    await sameAll('apply -f web.yaml --dry-run=server', 'apply -f web.yaml');
    await both.sameObjects('deploy');
    const { out } = await both.ours(
      'get deploy web -o jsonpath={.spec.template.spec.containers[*].name}',
    );
    assert.deepEqual(out.split(' ').toSorted(), ['a', 'c', 'sidecar']);
    // A strategy whose parts do not go together (retainKeys).
    await write('web.yaml', deployment(container('a', 'four'), '  strategy: {type: Recreate}\n'));
    await both.same('apply -f web.yaml');
    await both.sameObjects('deploy');
  });

  test('apply of custom resources merges objects and replaces lists', async () => {
    await write('dogs.yaml', definition);
    assert.equal((await both.shell.run('apply', '-f', 'dogs.yaml')).exitCode, 0);
    await both.begin('custom');
    const dog = (spec: string): string =>
      `apiVersion: zoo.example/v1\nkind: Dog\nmetadata: {name: rex}\nspec: ${spec}\n`;
    await write('rex.yaml', dog('{tricks: [sit, roll], home: {city: a, street: b}}'));
    await sameAll('apply -f rex.yaml', 'apply -f rex.yaml');
    await both.same({
      words: [
        'patch',
        'dog',
        'rex',
        '--type=merge',
        '-p',
        '{"spec":{"tricks":["bark"],"home":{"door":1}}}',
      ],
    });
    await write('rex.yaml', dog('{tricks: [sit], home: {city: c}}'));
    await sameAll('apply -f rex.yaml', 'apply -f rex.yaml', 'apply view-last-applied dog rex');
    await both.sameObjects('dogs');
    await refusedAll('patch dog rex -p {"spec":{}}');
  });

  test('apply notes what it was given, warns where nobody had, and says what it cannot take', async () => {
    await both.begin('notes');
    await write('cm.yaml', configMap('cm', 'a: "1"'));
    await both.same('create -f cm.yaml');
    const { err } = await both.same({ words: ['apply', '-f', 'cm.yaml'], hasOwnErrors: true });
    assert.match(
      err,
      /^Warning: resource configmaps\/cm is missing the kubectl\.kubernetes\.io\/last-/,
    );
    await write('two.yaml', `${configMap('cm', 'b: "2"')}---${configMap('more', '')}`);
    await sameAll(
      'apply -f two.yaml -o name',
      'apply -f two.yaml',
      'apply view-last-applied cm cm more',
      'apply view-last-applied -f cm.yaml -o yaml',
      'apply set-last-applied -f cm.yaml',
      'apply set-last-applied -f cm.yaml',
      'apply -f two.yaml -o yaml',
    );
    await both.sameObjects('cm');
    await write(
      'generated.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: x-}\n',
    );
    await refusedAll(
      'apply',
      'apply pods',
      'apply -f generated.yaml',
      'apply -f cm.yaml --force-conflicts',
      'apply -f cm.yaml --server-side --force',
      'apply -f cm.yaml --server-side --dry-run=client',
      'apply set-last-applied -f none.yaml',
    );
  });

  test('what the server finds wrong is told field by field', async () => {
    await both.begin('invalid');
    const text = deployment(container('A', 'one'), '  replicas: -1\n');
    const { err } = await both.same({
      words: ['create', '-f', '-'],
      input: text,
      hasOwnErrors: true,
    });
    assert.match(
      err,
      /^The Deployment "web" is invalid:\n {2}\* spec\.replicas: [^\n]*\n {2}\* spec\.template/,
    );
    const one = await both.ours({
      words: ['apply', '-f', '-'],
      input: deployment(container('A', 'one')),
    });
    assert.match(one.err, /^The Deployment "web" is invalid: spec\.template[^\n]*\n$/);
  });

  test('a note that is damaged is told, and how to mend it', async () => {
    await both.begin('damaged');
    await write('cm.yaml', configMap('cm', 'a: "1"'));
    await both.same('apply -f cm.yaml');
    await both.same(
      'annotate cm cm --overwrite kubectl.kubernetes.io/last-applied-configuration={',
    );
    const { err, exitCode } = await both.ours('apply -f cm.yaml');
    assert.equal(exitCode, 1);
    assert.match(
      err,
      /holds no object: write it anew with `fairway apply set-last-applied -f FILE`/,
    );
  });

  test('apply --server-side says which fields are whose, and takes them over when told', async () => {
    await both.begin('server');
    await write('cm.yaml', configMap('cm', 'a: "1", b: "1"'));
    await write('other.yaml', configMap('cm', 'a: "2"'));
    await sameAll('apply --server-side -f cm.yaml', 'apply --server-side -f cm.yaml');
    const { err } = await both.same({
      words: ['apply', '--server-side', '-f', 'other.yaml', '--field-manager=me'],
      hasOwnErrors: true,
    });
    assert.match(
      err,
      /^error: other\.yaml: Apply failed with 1 conflict\n {2}\.data\.a: conflict with "kubectl"/,
    );
    assert.match(err, /--force-conflicts/);
    await sameAll('apply --server-side -f other.yaml --field-manager=me --force-conflicts');
    await both.sameObjects('cm');
  });

  test('apply --force makes anew what cannot be changed', async () => {
    await both.begin('force');
    const job = (image: string): string =>
      `apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: ${image}}]}}}\n`;
    await write('job.yaml', job('one'));
    await both.same('apply -f job.yaml');
    await write('job.yaml', job('two'));
    await refusedAll('apply -f job.yaml');
    assert.equal((await both.ours('apply -f job.yaml --force')).exitCode, 0);
    const { out } = await both.ours(
      'get job once -o jsonpath={.spec.template.spec.containers[0].image}',
    );
    assert.equal(out, 'two');
  });

  test('delete -i asks, and goes by the line that is typed', async () => {
    await both.begin('asked');
    await sameAll('create configmap a', 'create configmap b', 'create configmap c');
    await both.same({ words: ['delete', 'cm', 'a', '-i'], input: 'y\n' });
    await both.same({ words: ['delete', 'cm', 'b', '-i'], input: 'n\ny\n' });
    await both.sameObjects('configmaps');
    /** A terminal, where who reads on waits for ever: here it fails. */
    async function* terminal() {
      yield Buffer.from('y\n');
      throw new Error('nobody types more');
    }
    const variables = { KUBECONFIG: join(both.folder, '.fairway/kubeconfig') };
    const shell = commandLine(both.folder, variables, { input: terminal() });
    const { out, exitCode } = await shell.run('delete', 'cm', 'c', '-i', '-n', 'asked-ours');
    assert.match(out, /configmap "c" deleted/);
    assert.equal(exitCode, 0);
  });

  test('apply --prune deletes what was applied once and is in the files no more', async () => {
    await both.begin('prune');
    await write('a.yaml', configMap('a', '', 'app: x'));
    await write('b.yaml', configMap('b', '', 'app: x'));
    await write('c.yaml', configMap('c', '', 'app: other'));
    await sameAll('apply -f a.yaml -f b.yaml -f c.yaml');
    await both.same('create cm mine');
    await both.same('label cm mine app=x');
    const only = '--prune-allowlist=core/v1/ConfigMap';
    await sameAll(
      `apply -f a.yaml --prune -l app=x ${only} --dry-run=server`,
      `apply -f a.yaml -f c.yaml --prune -l app=x ${only} --dry-run=server -o name`,
      `apply -f a.yaml --prune -l app=x ${only}`,
    );
    await both.sameObjects('cm');
    await refusedAll(
      'apply -f a.yaml --prune',
      'apply -f a.yaml --prune --all --prune-allowlist=ConfigMap',
    );
  });

  test('labels and annotations are set, taken away and listed', async () => {
    await both.begin('pairs');
    await sameAll('create cm a', 'create cm b');
    await write('cm.yaml', configMap('a', ''));
    await sameAll(
      'label cm a x=y',
      'label cm a x=y',
      'label cm a x=z',
      'label cm a --overwrite x=z',
      'label cm a --list',
      'label cm a b=c d=e',
      'label cm a nope-',
      'label cm a b-',
      'label --all cm q=r',
      'label cm -l q=r q=s --overwrite',
      'label cm a b=c --dry-run=client',
      'label cm a b=c --dry-run=server -o name',
      'label -f cm.yaml from=file',
      'label cm a b=c --resource-version=1',
      'annotate cm a d=e',
      'annotate cm a d=f',
      'annotate cm a d=f g=h --overwrite=true',
      'annotate cm a g-',
      'annotate cm/a --list',
    );
    await both.sameObjects('cm');
    await refusedAll(
      'label cm a',
      'label cm x=y',
      'label cm a a=b a-',
      'label cm a a=b c',
      'label cm a a=b/c',
      'label cm none a=b',
      'label wombats a a=b',
      'annotate cm a',
    );
  });

  test('patch changes parts, in each of three ways', async () => {
    await both.begin('patch');
    await write('web.yaml', deployment(container('a', 'one')));
    await sameAll('create -f web.yaml', 'create cm a --from-literal=n=1');
    await write('patch.yaml', 'data:\n  f: "1"\n');
    const p = (type: string, patch: string): { words: readonly string[] } => ({
      words: ['patch', 'deploy/web', `--type=${type}`, '-p', patch],
    });
    await both.same(
      p('strategic', '{"spec":{"template":{"spec":{"containers":[{"name":"b","image":"two"}]}}}}'),
    );
    await both.same(p('json', '[{"op":"replace","path":"/spec/replicas","value":2}]'));
    await both.same(p('merge', '{"metadata":{"labels":{"a":"b"}}}'));
    await both.same(p('merge', '{"metadata":{"labels":{"a":"b"}}}'));
    await both.same({ words: ['patch', 'cm', 'a', '-p', 'data: {m: "2"}', '-o', 'json'] });
    await write('cm.yaml', configMap('a', ''));
    await sameAll('patch -f cm.yaml --patch-file=patch.yaml', 'patch cm a --patch-file=patch.yaml');
    await both.same({
      words: [
        'patch',
        'deploy',
        'web',
        '--subresource=scale',
        '--type=merge',
        '-p',
        '{"spec":{"replicas":4}}',
      ],
    });
    await both.sameObjects('deploy,cm');
    for (const type of ['strategic', 'merge']) {
      await both.same({
        words: [
          'patch',
          'cm',
          'a',
          `--type=${type}`,
          '-p',
          '{"data":{"n":null}}',
          '--dry-run=client',
          '-o',
          'yaml',
        ],
      });
    }
    await refusedAll(
      'patch cm a',
      'patch cm a -p {} --type=foo',
      'patch cm a --patch-file=none',
      'patch cm none -p {}',
      'patch cm a -p {',
      'patch cm a -p [] --type=merge',
      'patch cm a -p {} --type=json',
      'patch cm a -p {"data":{"a":1}}',
    );
  });

  test('replace puts a file in the place of what is there', async () => {
    await both.begin('replace');
    await write('cm.yaml', configMap('cm', 'a: "1"'));
    await write('none.yaml', configMap('none', ''));
    await both.same('create -f cm.yaml');
    await write('cm.yaml', configMap('cm', 'b: "2"'));
    await sameAll(
      'replace -f cm.yaml --dry-run=client',
      'replace -f cm.yaml --dry-run=server -o name',
      'replace -f cm.yaml',
      'replace -f none.yaml',
      'replace -f cm.yaml --force',
      'replace -f none.yaml --force',
    );
    await both.sameObjects('cm');
    await refusedAll('replace', 'replace cm');
  });
});
