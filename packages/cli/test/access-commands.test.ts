import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { installedKubectls } from '../../../test/installed-kubectls.ts';
import {
  type CommandLine,
  type RunningCommand,
  commandLine,
  scratchFolder,
} from './command-line.ts';

const kubectl = (await installedKubectls()).at(-1)?.file;
const skip = kubectl === undefined && 'kubectl is not on the PATH';

const manifest = (verb: string, user: string): string => `
apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: r, namespace: made}
  rules:
  - {apiGroups: [""], resources: [pods, services], verbs: [get, ${verb}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: made}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: ${user}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: passed-over}
`;

suite('commands about rights', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let cluster: RunningCommand;
  let shell: CommandLine;

  before(async () => {
    folder = await scratchFolder();
    cluster = commandLine(folder.path).start(
      'up',
      '--node',
      'none',
      '--memory',
      '--listen',
      '127.0.0.1:0',
    );
    await cluster.until('Stop it with');
    shell = commandLine(folder.path, { KUBECONFIG: join(folder.path, '.fairway/kubeconfig') });
  });
  after(async () => {
    cluster.interrupt();
    await cluster.ended;
    await folder[Symbol.asyncDispose]();
  });

  function askKubectl(
    words: readonly string[],
  ): Promise<{ out: string; err: string; exitCode: number }> {
    const env = { ...process.env, ...shell.host.environment.variables } as NodeJS.ProcessEnv;
    const options = { env, cwd: folder.path };
    return new Promise((resolve) => {
      execFile(kubectl ?? '', words, options, (error, out, err) =>
        resolve({ out, err, exitCode: typeof error?.code === 'number' ? error.code : 0 }),
      );
    });
  }

  async function same(...words: readonly string[]): Promise<void> {
    const [ours, theirs] = await Promise.all([shell.run(...words), askKubectl(words)]);
    assert.deepEqual(ours, theirs, words.join(' '));
  }

  test('fairway auth answers, warns and exits as kubectl does', { skip }, async () => {
    const questions = [
      'whoami',
      'can-i get po',
      'can-i get pods --as bob',
      'can-i get deploy.apps/x --as bob -q',
      'can-i get nodes',
      'can-i get nodes -A',
      'can-i get clusterroles',
      'can-i frob wombats.foo',
      'can-i frob /healthz',
      'can-i get /healthz --as bob',
      'can-i get pods --subresource log --as bob',
      'can-i --list',
      'can-i --list --as bob --no-headers',
      'can-i --list -A',
      'can-i get pods --no-headers',
      'can-i get /healthz --subresource x',
    ];
    await Promise.all(questions.map((each) => same('auth', ...each.split(' '))));
    const json = await shell.run('auth', 'whoami', '-o', 'json');
    const theirs = await askKubectl(['auth', 'whoami', '-o', 'json']);
    const statusOf = ({ out }: { out: string }): unknown =>
      (JSON.parse(out) as { status: unknown }).status;
    assert.deepEqual(statusOf(json), statusOf(theirs));
    assert.match((await shell.run('auth', 'can-i', 'get')).err, /you must specify two arguments/);
  });

  test(
    'fairway auth reconcile grants what a file says, and tells it as kubectl does',
    { skip },
    async () => {
      const file = join(folder.path, 'rights.yaml');
      const reconcile = ['auth', 'reconcile', '-f', 'rights.yaml'];
      await writeFile(file, manifest('list', 'ann'));
      await same(...reconcile, '--dry-run=client');
      const made = await shell.run(...reconcile);
      assert.equal(made.exitCode, 0);
      assert.match(made.err, /^\treconciliation required create\n\tmissing rules added:\n/);
      await same(...reconcile);
      await writeFile(file, manifest('watch', 'bob'));
      await same(...reconcile, '--dry-run=client');
      const replace = ['--remove-extra-permissions', '--remove-extra-subjects'];
      await same(...reconcile, ...replace, '--dry-run=client');
      await shell.run(...reconcile, ...replace);
      await same(...reconcile, ...replace);
      await same(...reconcile, '-o', 'name');
      await same(...reconcile, '--dry-run=server');
      await same('auth', 'reconcile', '-f', 'none.yaml');
      const may = (user: string, verb: string) =>
        shell.run('auth', 'can-i', verb, 'svc', '-n', 'made', '-q', '--as', user);
      assert.equal((await may('bob', 'watch')).exitCode, 0);
      assert.equal((await may('bob', 'list')).exitCode, 1);
      assert.equal((await may('ann', 'get')).exitCode, 1);
      const other = await shell.run(...reconcile, '-n', 'other');
      assert.match(other.err, /the provided object "made" does not match the namespace "other"/);
    },
  );

  test('fairway who-can names subjects with binding and role, and what it cannot see', async () => {
    const rights = join(folder.path, 'who.yaml');
    await writeFile(rights, manifest('delete', 'carol').replaceAll('made', 'shop'));
    await shell.run('auth', 'reconcile', '-f', 'who.yaml');
    const { out, err } = await shell.run('who-can', 'delete', 'po', '-n', 'shop');
    assert.match(out, /^SUBJECT +BINDING +ROLE\n/);
    assert.match(out, /^Group system:masters +ClusterRoleBinding cluster-admin +ClusterRole/m);
    assert.match(out, /^User carol +RoleBinding shop\/b +Role r$/m);
    assert.match(err, /^Note: only roles and bindings were looked at/);
    assert.doesNotMatch((await shell.run('who-can', 'delete', 'po')).out, /carol/);
    assert.match((await shell.run('who-can', 'delete', 'po', '-A')).out, /carol/);
    const json = await shell.run('who-can', 'delete', 'pods', '-n', 'shop', '-o', 'json');
    const { subjects } = JSON.parse(json.out) as {
      subjects: readonly { subject: { name: string }; binding: object; role: object }[];
    };
    assert.deepEqual(
      subjects.find(({ subject }) => subject.name === 'carol'),
      {
        subject: { kind: 'User', name: 'carol' },
        binding: { kind: 'RoleBinding', namespace: 'shop', name: 'b' },
        role: { kind: 'Role', name: 'r' },
      },
    );
    const blind = await shell.run('who-can', 'delete', 'pods', '-n', 'shop', '--as', 'bob');
    assert.equal(blind.exitCode, 0);
    assert.match(blind.out, /^Nobody may delete pods, by the roles and bindings that can be seen/);
    assert.match(blind.err, /you may not list rolebindings in the namespace "shop"/);
    assert.match(blind.err, /you may not list clusterroles of the cluster/);
    const nodes = await shell.run('who-can', 'get', 'nodes', '--as', 'bob');
    assert.doesNotMatch(nodes.err, /you may not list roles|namespace scoped/);
    assert.match((await shell.run('who-can', 'gte', 'pods')).err, /'gte' is not a known verb/);
    assert.match((await shell.run('who-can', 'get', '/healthz')).out, /system:unauthenticated/);
    assert.match((await shell.run('who-can', 'get')).err, /name a verb and a resource/);
  });

  test('fairway who-can knows signers, aggregated roles and who may see one namespace', async () => {
    const rules = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: approver}
rules:
- {apiGroups: [certificates.k8s.io], resources: [signers], resourceNames: [a.b/c], verbs: [approve]}
- {apiGroups: [""], resources: [namespaces], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: approver}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: approver}
subjects: [{kind: User, name: dora}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: see, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: s, namespace: default}]
`;
    await writeFile(join(folder.path, 'approver.yaml'), rules);
    assert.equal((await shell.run('auth', 'reconcile', '-f', 'approver.yaml')).exitCode, 0);
    const signer = await shell.run('who-can', 'approve', 'signers.certificates.k8s.io/a.b/c');
    assert.match(signer.out, /^User dora +ClusterRoleBinding approver +ClusterRole approver$/m);
    const other = await shell.run('who-can', 'approve', 'signers.certificates.k8s.io/a.b/d');
    assert.doesNotMatch(other.out, /dora/);
    const view =
      /^ServiceAccount default\/s +RoleBinding default\/see +ClusterRole view \(of system:aggregate-to-view\)$/m;
    assert.match((await shell.run('who-can', 'get', 'cm')).out, view);
    const namespace = await shell.run('who-can', 'get', 'ns/default');
    assert.match(namespace.out, view);
    assert.doesNotMatch((await shell.run('who-can', 'get', 'ns/kube-system')).out, /default\/s/);
    assert.doesNotMatch((await shell.run('who-can', 'list', 'ns')).out, /default\/s/);
  });

  test(
    'fairway create token asks as kubectl does, and prints nothing but the token',
    { skip },
    async () => {
      await askKubectl(['create', 'sa', 'app']);
      const wrong = [
        'nope',
        'app --duration 5s',
        'app --duration=-5s',
        'app --duration 1500ms',
        'app --bound-object-kind Foo',
        'app --bound-object-name x',
        'app --bound-object-uid x',
        'app --bound-object-kind Secret',
        'app --bound-object-kind Secret --bound-object-name none',
      ];
      await Promise.all(wrong.map((each) => same('create', 'token', ...each.split(' '))));
      await same('create', 'token', 'app', '--audience', '');
      const { out } = await shell.run(
        'create',
        'token',
        'app',
        '--duration',
        '20m',
        '--audience',
        'a',
      );
      const [, payload = ''] = out.split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
        aud: readonly string[];
        exp: number;
        iat: number;
      };
      assert.deepEqual([claims.aud, claims.exp - claims.iat], [['a'], 1_200]);
      const named = await shell.run('create', 'token', 'app', '-o', 'name');
      assert.equal(named.out, 'tokenrequest.authentication.k8s.io/app\n');
      const json = await shell.run('create', 'token', 'app', '-o', 'json');
      const request = JSON.parse(json.out) as { kind: string; metadata: object };
      assert.deepEqual(
        [request.kind, 'managedFields' in request.metadata],
        ['TokenRequest', false],
      );
      assert.match((await shell.run('create', 'token')).err, /exactly one NAME is required, got 0/);
    },
  );
});
