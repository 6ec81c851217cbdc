import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { sendHttp1 } from '@fairway/serving/testing';
import { parseAllDocuments } from 'yaml';
import { installedKubectls } from '../../../test/installed-kubectls.ts';
import { clusterIn } from './cluster-in.ts';
import {
  type CommandLine,
  type RunningCommand,
  commandLine,
  scratchFolder,
} from './command-line.ts';

const run = promisify(execFile);
const kubectls = await installedKubectls();

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const shop = '/api/v1/namespaces/shop';
const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  'sec-websocket-protocol': 'v5.channel.k8s.io',
};
const apply = { 'content-type': 'application/apply-patch+yaml' };
const named = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
});
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'c', image: 'host' }], automountServiceAccountToken: false },
};

/** What leaves nothing behind, so that it can be done again. */
const session: readonly Sent[] = [
  { method: 'GET', path: '/api/v1' },
  { method: 'GET', path: '/version' },
  { method: 'GET', path: '/api/v1/nodes' },
  { method: 'GET', path: '/metrics' },
  { method: 'POST', path: `${shop}/configmaps`, body: named('made') },
  { method: 'GET', path: `${shop}/configmaps/made` },
  { method: 'GET', path: `${shop}/configmaps/absent` },
  { method: 'DELETE', path: `${shop}/configmaps/made` },
  {
    method: 'PATCH',
    path: `${shop}/configmaps/applied?fieldManager=m`,
    body: named('applied'),
    headers: apply,
  },
  { method: 'DELETE', path: `${shop}/configmaps?labelSelector=none` },
  { method: 'DELETE', path: `${shop}/configmaps/applied` },
  { method: 'GET', path: `${shop}/secrets?fieldSelector=metadata.name%3Ddb` },
  { method: 'GET', path: `${shop}/services?watch=1` },
  { method: 'POST', path: `${shop}/pods`, body: pod },
  { method: 'GET', path: `${shop}/pods/web/exec?command=ls`, headers: upgrade },
  { method: 'GET', path: `${shop}/services/absent/proxy/` },
  { method: 'DELETE', path: `${shop}/pods/web?gracePeriodSeconds=0` },
  { method: 'GET', path: '/apis/apps/v1/namespaces/till/deployments' },
  {
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { nonResourceAttributes: { verb: 'get', path: '/' } },
    },
  },
];

type Send = (sent: Sent) => Promise<number>;

async function replay(send: Send): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (const sent of session) statuses.push(await send(sent));
  return statuses;
}

interface Recorded {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly { readonly verbs: readonly string[] }[];
}

suite('roles that are recorded', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let cluster: RunningCommand;
  let shell: CommandLine;
  let ask: Awaited<ReturnType<typeof clusterIn>>['ask'];
  let url: string;
  let ca: string;
  const auditLog = (): string => join(folder.path, 'audit.log');

  before(async () => {
    folder = await scratchFolder();
    const policy = join(folder.path, 'audit.yaml');
    await writeFile(
      policy,
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n',
    );
    cluster = commandLine(folder.path).start(
      ...'up --node none --memory --listen 127.0.0.1:0 --audit-log-path audit.log'.split(' '),
      '--audit-policy-file',
      policy,
    );
    await cluster.until('Stop it with');
    shell = commandLine(folder.path, { KUBECONFIG: join(folder.path, '.fairway/kubeconfig') });
    ({ ask, url, ca } = await clusterIn(folder.path));
    for (const name of ['shop', 'till']) await create('/api/v1/namespaces', { metadata: { name } });
    for (const [namespace, name] of [
      ['shop', 'deployer'],
      ['default', 'recorded'],
      ['shop', 'audited'],
    ] as const) {
      await create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
    }
  });
  after(async () => {
    cluster.interrupt();
    await cluster.ended;
    await folder[Symbol.asyncDispose]();
  });

  async function create(path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const { status, text } = await ask(path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    assert.ok(status === 201 || status === 409, text);
  }

  async function startProxy(...flags: readonly string[]): Promise<{
    readonly port: string;
    readonly command: RunningCommand;
  }> {
    const command = shell.start('proxy', '--port', '0', '--reject-paths', '', ...flags);
    const { out } = await command.until('Starting to serve on');
    return { port: /:(\d+)\n/.exec(out)?.[1] ?? assert.fail(out), command };
  }

  const through =
    (base: string, extra: RequestOptions = {}): Send =>
    async ({ method, path, body, headers }) => {
      const client = base.startsWith('https') ? https : http;
      const request = client.request(`${base}${path}`, {
        method,
        agent: false,
        ...extra,
        headers: { 'content-type': 'application/json', ...headers, ...extra.headers },
      });
      request.end(body === undefined ? undefined : JSON.stringify(body));
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      // A watch would go on.
      response.destroy();
      return response.statusCode ?? 0;
    };

  async function as(account: string): Promise<Send> {
    const { out } = await shell.run('create', 'token', ...account.split(' '));
    return through(url, { ca, headers: { authorization: `Bearer ${out.trim()}` } });
  }

  async function rolesIn(text: string): Promise<readonly Recorded[]> {
    return parseAllDocuments(text).map((document) => document.toJS() as Recorded);
  }

  const pathOf = ({ kind, metadata: { namespace, name } }: Recorded): string => {
    const place = namespace === undefined ? '' : `namespaces/${namespace}/`;
    return `/apis/rbac.authorization.k8s.io/v1/${place}${kind.toLowerCase()}s/${name}`;
  };

  async function put(object: object): Promise<void> {
    const { status, text } = await ask(pathOf(object as Recorded), {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(object),
    });
    assert.ok(status === 200 || status === 201, text);
  }

  /** Replays under the roles, and without each of their rights in turn. */
  async function expectLeast(
    roles: readonly Recorded[],
    { asAdmin, send }: { readonly asAdmin: readonly number[]; readonly send: Send },
  ): Promise<void> {
    for (const object of roles) await put(object);
    assert.deepEqual(await replay(send), asAdmin);
    let triedCount = 0;
    for (const role of roles) {
      for (const [at, rule] of (role.rules ?? []).entries()) {
        for (const verb of rule.verbs) {
          const verbs = rule.verbs.filter((each) => each !== verb);
          const others = (role.rules ?? []).filter((_, index) => index !== at);
          const rules = verbs.length === 0 ? others : [...others, { ...rule, verbs }];
          await put({ ...role, rules });
          const without = await replay(send);
          assert.ok(without.includes(403), `nobody needs ${verb} of ${JSON.stringify(rule)}`);
          triedCount += 1;
        }
      }
      await put(role);
    }
    assert.ok(triedCount >= 14, String(triedCount));
  }

  test('under the role of a recorded session it passes again, and not without any right in it', async () => {
    const file = join(folder.path, 'roles.yaml');
    const { port, command } = await startProxy('--record', file, '--record-for', 'shop/deployer');
    const asAdmin = await replay(through(`http://127.0.0.1:${port}`));
    command.interrupt();
    assert.equal((await command.ended).exitCode, 0);
    assert.ok(!asAdmin.includes(403), String(asAdmin));
    const send = await as('deployer -n shop');
    assert.ok((await replay(send)).includes(403));
    await expectLeast(await rolesIn(await readFile(file, 'utf8')), { asAdmin, send });
  });

  test('a recording that cannot be kept is refused before the proxy serves', async () => {
    const refusalOf = async (...flags: readonly string[]): Promise<string> =>
      (await shell.run('proxy', '--port', '0', ...flags)).err;
    assert.match(
      await refusalOf('--record', join(folder.path, 'absent/roles.yaml')),
      /cannot use --record ".*roles\.yaml": there is no folder .*absent\n/,
    );
    assert.match(await refusalOf('--record-for', 'a/b'), /give --record FILE too/);
  });

  test('a recording goes on with its file: rules, subjects and other objects stay', async () => {
    const file = join(folder.path, 'merged.yaml');
    const runWith = async (path: string, ...flags: readonly string[]): Promise<string> => {
      const { port, command } = await startProxy('--record', file, ...flags);
      await sendHttp1(`http://127.0.0.1:${port}${path}`);
      command.interrupt();
      await command.ended;
      return await readFile(file, 'utf8');
    };
    const first = await runWith(`${shop}/pods`);
    assert.match(first, /name: recorded\n {4}|namespace: default/);
    const account =
      '---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: mine, namespace: shop}\n';
    const edited = first.replace('name: recorded\n    namespace: default', 'name: x') + account;
    await writeFile(file, edited.replaceAll('namespace: default', 'namespace: shop'));
    const second = await runWith(`${shop}/secrets/db`, '--record-for', 'till/other');
    const kinds = (await rolesIn(second)).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['Role', 'RoleBinding', 'ServiceAccount']);
    const [role, binding] = await rolesIn(second);
    assert.deepEqual(
      role?.rules?.map(({ verbs }) => verbs),
      [['list'], ['get']],
    );
    assert.deepEqual((binding as unknown as { subjects: readonly unknown[] }).subjects, [
      { kind: 'ServiceAccount', namespace: 'shop', name: 'recorded' },
    ]);
    await writeFile(file, 'kind: Role\nmetadata: {name: recorded}\nrules: 7\n');
    const refused = await shell.run('proxy', '--port', '0', '--record', file);
    assert.match(refused.err, /merged.yaml: rules is no list of objects; mend the file/);
    assert.equal(refused.exitCode, 1);
  });

  test('what the cluster refused is noted, and is in no role', async () => {
    const file = join(folder.path, 'refused.yaml');
    const { port, command } = await startProxy('--record', file, '--as', 'nobody');
    assert.equal((await sendHttp1(`http://127.0.0.1:${port}${shop}/secrets/db`)).status, 403);
    command.interrupt();
    await command.ended;
    const text = await readFile(file, 'utf8');
    assert.match(text, /^# refused: get secrets "db" in namespace "shop"$/m);
    assert.doesNotMatch(text, /^kind/m);
  });

  for (const { file: kubectl, version } of kubectls) {
    test(`a session of kubectl ${version} passes again under its role`, async () => {
      const file = join(folder.path, `kubectl-${version}.yaml`);
      const { port, command } = await startProxy('--record', file);
      const name = `k${version.replace('.', '-')}`;
      const commands = [
        `create configmap ${name} --from-literal=a=b -n shop`,
        `get configmap ${name} -n shop -o name`,
        `label configmap ${name} x=y -n shop`,
        'get pods -A -o name',
        'get configmap absent -n shop --ignore-not-found',
        `delete configmap ${name} -n shop`,
      ];
      const session = async (...access: readonly string[]): Promise<string> => {
        let out = '';
        for (const words of commands) {
          const { stdout } = await run(kubectl, [...words.split(' '), ...access], {
            env: { HOME: folder.path, PATH: process.env['PATH'] },
          });
          out += stdout;
        }
        return out;
      };
      const asAdmin = await session('-s', `http://127.0.0.1:${port}`);
      command.interrupt();
      await command.ended;
      for (const object of await rolesIn(await readFile(file, 'utf8'))) await put(object);
      const { out } = await shell.run('create', 'token', 'recorded');
      const authority = join(folder.path, 'ca.crt');
      await writeFile(authority, ca);
      const access = ['-s', url, '--certificate-authority', authority, '--token', out.trim()];
      assert.equal(await session(...access), asAdmin);
      await assert.rejects(run(kubectl, ['get', 'secrets', '-A', ...access]), /forbidden/);
    });
  }

  test('fairway rbac from-audit finds the same rules in an audit log', async () => {
    const send = await as('audited -n shop');
    await put({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'audited' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'cluster-admin',
      },
      subjects: [{ kind: 'ServiceAccount', namespace: 'shop', name: 'audited' }],
    });
    assert.ok(!(await replay(send)).includes(403));
    const fromAudit = async (...flags: readonly string[]) =>
      shell.run('rbac', 'from-audit', auditLog(), ...flags);
    const { out, err } = await fromAudit('--service-account', 'shop/audited');
    assert.equal(err, '');
    const rulesOf = (roles: readonly Recorded[]) =>
      roles.map(({ kind, rules }) => ({ kind, rules }));
    const recorded = await rolesIn(await readFile(join(folder.path, 'roles.yaml'), 'utf8'));
    assert.deepEqual(rulesOf(await rolesIn(out)), rulesOf(recorded));
    const inTill = await fromAudit('--service-account', 'shop/audited', '--namespace', 'till');
    assert.deepEqual(
      (await rolesIn(inTill.out)).map(({ kind, metadata }) => [kind, metadata.namespace]),
      [
        ['Role', 'till'],
        ['RoleBinding', 'till'],
      ],
    );
    // Whom the administrator acted as.
    const refused = await fromAudit('--user', 'nobody');
    assert.match(refused.out, /^# refused: get secrets "db" in namespace "shop"$/m);
    const many = await fromAudit();
    assert.match(many.err, /users, whose roles are not to be one: name one with --user/);
  });

  test('fairway rbac from-audit names lines that it cannot read by their numbers', async () => {
    const log = join(folder.path, 'bad.log');
    const line = JSON.stringify({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      stage: 'ResponseComplete',
      requestURI: '/api/v1/namespaces/shop/pods',
      verb: 'list',
      user: { username: 'ann' },
      responseStatus: { code: 200 },
    });
    await writeFile(log, `\n{"kind":\n${line}\n\n[]\n`);
    const { out, err, exitCode } = await shell.run('rbac', 'from-audit', log);
    assert.equal(exitCode, 0);
    assert.equal(
      err,
      'Warning: line 2: it is not JSON; it is left out\nWarning: line 5: it is no object; it is left out\n',
    );
    assert.match(out, /kind: User\n {4}apiGroup: rbac.authorization.k8s.io\n {4}name: ann/);
    const none = await shell.run('rbac', 'from-audit', log, '--user', 'bob');
    assert.match(none.err, /no request in .* is of bob; check the names/);
    assert.match((await shell.run('rbac', 'from-audit', 'absent')).err, /there is no audit log/);
  });
});
