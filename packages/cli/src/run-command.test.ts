import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import type { ObjectList } from '@fairway/protocol';
import { suggestPort } from '@fairway/serving/testing';
import {
  type CommandLine,
  type RunningCommand,
  commandLine,
  scratchFolder,
} from '../test/command-line.ts';
import { platformOf } from './platform-name.ts';
import { skipWithoutKubectl } from '../../../test/installed-kubectls.ts';

const skip = await skipWithoutKubectl();
/** Older ones print fields that are gone. */
const skipOld = await skipWithoutKubectl(27);

// One cluster for all of them, in this process; each works in a namespace or on files of its own.
suite('commands against one cluster', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let cluster: RunningCommand;
  let shell: CommandLine;

  before(async () => {
    folder = await scratchFolder();
    const bare = commandLine(folder.path);
    const flags = ['--memory', '--node', 'none', '--listen', '127.0.0.1:0'];
    cluster = bare.start('up', ...flags, '--tls-san', 'kube.example');
    await cluster.until('Stop it with');
    shell = commandLine(folder.path, { KUBECONFIG: join(folder.path, '.fairway/kubeconfig') });
  });
  after(async () => {
    cluster.interrupt();
    assert.equal((await cluster.ended).exitCode, 0);
    await folder[Symbol.asyncDispose]();
  });

  async function kubectl(...words: readonly string[]): Promise<string> {
    const env = { ...process.env, ...shell.host.environment.variables } as NodeJS.ProcessEnv;
    const { stdout } = await promisify(execFile)('kubectl', [...words], { env });
    return stdout;
  }

  test('fairway up says what to type next', async () => {
    const { out } = await cluster.until('Stop it with');
    assert.match(out, /server +https:\/\/127\.0\.0\.1:\d+\n/);
    assert.match(out, /export KUBECONFIG=\S+\/\.fairway\/kubeconfig\n/);
    for (const line of ['kubectl get namespaces', 'fairway get namespaces', 'fairway proxy']) {
      assert.ok(out.includes(line), line);
    }
  });

  test('fairway get prints tables, and says when there is nothing', async () => {
    const { out } = await shell.run('get', 'ns');
    assert.match(out, /^NAME +STATUS +AGE\ndefault +Active +\d+s\n/);
    const { out: several } = await shell.run('get', 'svc,ep', '-A');
    assert.match(
      several,
      /^NAMESPACE +NAME +TYPE [^]*default +service\/kubernetes [^]*\n\nNAMESPACE +NAME +ENDPOINTS/,
    );
    assert.deepEqual(await shell.run('get', 'pods'), {
      exitCode: 0,
      out: '',
      err: 'No resources found in default namespace.\n',
    });
    assert.equal(
      (await shell.run('-n', 'kube-public', 'get', 'po')).err,
      'No resources found in kube-public namespace.\n',
    );
    assert.equal((await shell.run('get', 'deploy', '-A')).err, 'No resources found\n');
  });

  test('fairway get prints json, yaml, names and JSONPath', async () => {
    const { out: json } = await shell.run('get', 'ns/default', '-o', 'json');
    assert.match(json, /^\{\n {4}"apiVersion": "v1",\n {4}"kind": "Namespace",/);
    const { out: yaml } = await shell.run('get', 'ns', 'default', '-o', 'yaml');
    assert.match(yaml, /^apiVersion: v1\nkind: Namespace\nmetadata:\n {2}creationTimestamp: "/);
    assert.match(yaml, /\n {2}finalizers:\n {2}- kubernetes\n/);
    assert.equal(
      (await shell.run('get', 'ns', 'default', '-o', 'name')).out,
      'namespace/default\n',
    );
    const list = JSON.parse((await shell.run('get', 'ns', '-o', 'json')).out) as {
      kind: string;
      items: { kind: string }[];
    };
    assert.deepEqual([list.kind, list.items[0]?.kind], ['List', 'Namespace']);
    const path =
      'jsonpath={range .items[?(@.metadata.name=="default")]}{.status.phase}{"\\n"}{end}';
    assert.equal((await shell.run('get', 'ns', '-o', path)).out, 'Active\n');
    assert.match(
      (await shell.run('get', 'ns', '-o', 'xml')).err,
      /allowed formats are: custom-columns,custom-columns-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,wide,yaml/,
    );
  });

  test('fairway get says what it cannot find, and shows the rest', async () => {
    const { exitCode, out, err } = await shell.run('get', 'ns', 'default', 'a', 'b');
    assert.equal(exitCode, 1);
    assert.match(out, /^NAME[^]*default/);
    assert.equal(
      err,
      'Error from server (NotFound): namespaces "a" not found\nError from server (NotFound): namespaces "b" not found\n',
    );
    const unknown = await shell.run('get', 'wombats');
    assert.deepEqual(unknown, {
      exitCode: 1,
      out: '',
      err: 'error: the server doesn\'t have a resource type "wombats"\n',
    });
    assert.match((await shell.run('get', 'po', 'a', '-A')).err, /by name across all namespaces/);
    assert.match(
      (await shell.run('get', 'po', 'a', '-l', 'b')).err,
      /when a selector is specified/,
    );
  });

  test('fairway get -w shows what is there and every change', async () => {
    await using watch = shell.start('get', 'cm', '-w', '-o', 'name', '-n', 'kube-public');
    await using stored = shell.start('get', 'ns', '-w');
    await stored.until('kube-system');
    await using proxy = shell.start('proxy', '-p', '0');
    const { out } = await proxy.until('Starting to serve on ');
    const url = `http://${/on (\S+)/.exec(out)?.[1]}`;
    const created = await fetch(`${url}/api/v1/namespaces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'watched' } }),
    });
    assert.equal(created.status, 201);
    const { out: rows } = await stored.until('watched');
    assert.match(rows, /\nwatched +Active +\d+s\n/);
    for (const command of [watch, stored, proxy]) command.interrupt();
    for (const command of [watch, stored, proxy]) assert.equal((await command.ended).exitCode, 0);
  });

  test('fairway proxy answers what kubectl get --raw answers', { skip }, async () => {
    await using proxy = shell.start('proxy', '--port', '0');
    const { out } = await proxy.until('Starting to serve on ');
    const address = /^Starting to serve on (127\.0\.0\.1:\d+)\n$/.exec(out)?.[1] ?? '';
    // As of one revision: that of the newest list moves with every write of a controller.
    const jobs = '/apis/batch/v1/jobs';
    const { metadata } = JSON.parse(await kubectl('get', '--raw', jobs)) as ObjectList;
    const asOf = `?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`;
    for (const path of [`${jobs}${asOf}`, '/api/v1/namespaces/default/services/kubernetes']) {
      const { stdout } = await promisify(execFile)('curl', [
        '-sf',
        '-A',
        'kubectl',
        `http://${address}${path}`,
      ]);
      assert.equal(stdout, await kubectl('get', '--raw', path));
      assert.equal((await shell.run('get', '--raw', path)).out, stdout);
    }
  });

  test('fairway get prints what kubectl prints', { skip: skipOld }, async () => {
    for (const words of [
      ['get', 'clusterroles', '-o', 'name'],
      ['get', 'svc', '-A', '-o', 'yaml'],
      ['get', 'svc', 'kubernetes', '-o', 'json'],
      ['get', 'svc', 'kubernetes', '-o', 'jsonpath={.spec.ports[*]}'],
      ['get', 'priorityclasses', '-o', 'jsonpath={.items[*].value}'],
      ['config', 'view', '--minify'],
      ['config', 'get-contexts', '-o', 'name'],
      ['config', 'current-context'],
    ]) {
      assert.equal((await shell.run(...words)).out, await kubectl(...words), words.join(' '));
    }
    // The column is as wide as its longest age, which may grow between the two.
    const withoutAge = (text: string): string => text.replaceAll(/ (\d+s|AGE)\b */g, '');
    for (const words of [
      ['get', 'svc', '-A', '-o', 'wide'],
      ['get', 'ns', '--show-labels'],
    ]) {
      assert.equal(
        withoutAge((await shell.run(...words)).out),
        withoutAge(await kubectl(...words)),
      );
    }
  });

  test('fairway version and cluster-info say where and what the cluster is', async () => {
    const { out } = await shell.run('version');
    assert.match(out, /^Client Version: v\d+\.\d+\.\d+\nServer Version: v1\.36\./);
    const { out: json } = await shell.run('version', '-o', 'json');
    const { clientVersion, serverVersion } = JSON.parse(json) as Record<
      string,
      { platform: string }
    >;
    const platform = platformOf(shell.host.environment);
    assert.deepEqual([clientVersion?.platform, serverVersion?.platform], [platform, platform]);
    assert.match(
      (await shell.run('cluster-info')).out,
      /^Kubernetes control plane is running at https:\/\/127\.0\.0\.1:\d+\n/,
    );
    const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
    assert.equal(
      (await shell.run('--version')).out.trim(),
      (JSON.parse(manifest) as { version: string }).version,
    );
  });

  test('fairway takes the global flags before and after the command', async () => {
    const refused = /^Error from server \(Forbidden\): pods is forbidden: User "ann" cannot list/;
    assert.match((await shell.run('--as', 'ann', 'get', 'pods')).err, refused);
    assert.match((await shell.run('get', 'pods', '--as=ann', '--as-group=g')).err, refused);
    const config = join(folder.path, '.fairway/kubeconfig');
    const bare = commandLine(folder.path);
    assert.equal((await bare.run('get', 'ns', '--kubeconfig', config, '-o', 'name')).exitCode, 0);
    assert.match(
      (await bare.run('get', 'ns', '--kubeconfig', config, '--token', 'x', '--user', 'y')).err,
      /user "y" does not exist/,
    );
  });

  test('fairway says in one line what is missing and what to do', async () => {
    await using place = await scratchFolder();
    const bare = commandLine(place.path);
    for (const [words, message] of [
      [
        ['get', 'pods'],
        /^error: no configuration has been provided.*--kubeconfig or KUBECONFIG\n$/,
      ],
      [
        ['get', 'pods', '--kubeconfig', 'absent'],
        /^error: .*\/absent: no such file.*check the path.*\n$/,
      ],
      [
        ['get', 'pods', '-s', 'https://127.0.0.1:1'],
        /^error: https:\/\/127\.0\.0\.1:1: nothing listens there.*\n$/,
      ],
      [['proxy', '-p', '65536'], /^error: cannot listen on port "65536".*0 picks a free one\n$/],
      [
        ['proxy', '--accept-hosts', '('],
        /^error: cannot use --accept-hosts: .*regular expressions.*\n$/,
      ],
      [
        ['proxy', '-u', 'a', '-p', '1'],
        /^error: cannot set --unix-socket and --port at the same time\n$/,
      ],
      [
        ['proxy', '-w', '.', '-P', '/', '-p', '0', '-s', 'http://127.0.0.1:1'],
        /^error: cannot use --www-prefix: files at \/ would hide the API.*\n$/,
      ],
      [['up', '--listen', '6443'], /^error: .*no HOST:PORT.*\n$/],
      [
        ['up', '--service-cluster-ip-range', 'x'],
        /^error: cannot use --service-cluster-ip-range.*\n$/,
      ],
      [['up', '--data-dir', ''], /^error: the name is empty.*\n$/],
      [['up', '--kubeconfig', ''], /^error: the name is empty.*\n$/],
      [['down', '--data-dir', ''], /^error: the name is empty.*\n$/],
      [['up', '--tls-san', 'a b'], /^error: cannot use --tls-san "a b".*\n$/],
      [
        ['up', '--controllers', '*,-cron'],
        /^error: cannot use --controllers: "-cron" is no controller.*namespace-controller.*\n$/,
      ],
      [['up', '--controllers='], /^error: cannot use --controllers: "" is no controller.*\n$/],
      [
        ['up', '--simulated-nodes', 'many'],
        /^error: cannot use --simulated-nodes: "many" is no number of nodes: there may be 0 to 5000\n$/,
      ],
      [['up', '--simulated-nodes=5001'], /^error: .*5001 is no number of nodes.*\n$/],
      [['up', '--stages=s.yaml'], /^error: cannot use --stages without --simulated-nodes.*\n$/],
      [
        ['up', '--simulated-nodes=1', '--stages=absent.yaml'],
        /^error: the path "absent.yaml" does not exist\n$/,
      ],
      [
        ['up', '--authorization-mode', 'RBAC,ABAC'],
        /^error: cannot use --authorization-mode: "ABAC" is not one of Node, RBAC, .*\n$/,
      ],
      [['up', '--authorization-mode=RBAC,RBAC'], /^error: .*"RBAC" comes more than once\n$/],
      [['up', '--authorization-mode=Webhook'], /^error: .* needs --authorization-webhook-config/],
      [['up', '--authorization-webhook-version=v1'], /^error: .*Webhook is not among the modes/],
      [
        ['up', '--authorization-config=c', '--authorization-mode=RBAC'],
        /^error: .*all that --authorization-mode would; leave one out\n$/,
      ],
      [
        [
          'up',
          '--authorization-mode=Webhook',
          '--authorization-webhook-config-file=c',
          '--authorization-webhook-cache-authorized-ttl=soon',
        ],
        /^error: cannot use --authorization-webhook-cache-authorized-ttl: "soon" is no duration/,
      ],
      [
        ['up', '--service-account-issuer=http:// x'],
        /^error: cannot use --service-account-issuer: .* has a colon and is not a URL\n$/,
      ],
      [
        ['up', '--service-account-jwks-uri=http://keys.example'],
        /^error: cannot use --service-account-jwks-uri: .* is not a URL that begins https:.*\n$/,
      ],
      [
        ['up', '--service-account-max-token-expiration=59m'],
        /^error: cannot use .*: "59m" is not between 1 hour and 2\^32 seconds, .*\n$/,
      ],
      [['up', '--api-audiences=a,'], /^error: cannot use --api-audiences: an audience is empty\n$/],
      [['gett'], /^error: unknown command 'gett'\n\(Did you mean get\?\)\n/],
      [
        ['get', '--outptu', 'x'],
        /^error: unknown option '--outptu'\n\(Did you mean --output\?\)\n/,
      ],
    ] as const) {
      const { exitCode, err } = await bare.run(...words);
      assert.equal(exitCode, 1, words.join(' '));
      assert.match(err, message, words.join(' '));
    }
  });

  test('a KUBECONFIG that names no file is told by its name', async () => {
    const absent = { KUBECONFIG: join(folder.path, 'absent') };
    const says = /\(KUBECONFIG names \S+\/absent: no such file or directory\); /;
    const here = await commandLine(folder.path, absent).run('get', 'pods');
    assert.match(here.err, says);
    assert.match(here.err, /; for the one of this folder: export KUBECONFIG=\S+\n$/);
    await using elsewhere = await scratchFolder();
    assert.match((await commandLine(elsewhere.path, absent).run('get', 'pods')).err, says);
  });

  test('every message spells the command as npx needs it where npx started it', async () => {
    const npx = commandLine(folder.path, { npm_command: 'exec' });
    for (const [words, spelled] of [
      [['up', '--memory', '--listen', '127.0.0.1:0'], /`npx fairway down --data-dir /],
      [['get', '-s', 'http://127.0.0.1:1'], /`npx fairway get pods`; `npx fairway api-resources/],
      [['config', 'current-context'], /`npx fairway config use-context NAME`/],
      [['get', '--bogus'], /`npx fairway get --help`/],
      [['--help'], /^Usage: npx fairway [^]*\n {2}npx fairway up -d/],
    ] as const) {
      const { out, err } = await npx.run(...words);
      assert.match(out + err, spelled);
      assert.doesNotMatch(out + err, /`fairway /);
    }
  });

  test('fairway down in a folder without a cluster fails, and names those that run', async () => {
    const below = join(folder.path, 'below');
    await mkdir(below, { recursive: true });
    const { exitCode, out, err } = await commandLine(below).run('down');
    assert.deepEqual([exitCode, out], [1, '']);
    const home = `${folder.path}/.fairway`;
    assert.equal(
      err,
      `error: there is no cluster in ${below}/.fairway, so nothing was stopped; one runs on ${home}: \`fairway down --data-dir ${home}\` stops it\n`,
    );
    await using elsewhere = await scratchFolder();
    const bare = await commandLine(elsewhere.path).run('down');
    assert.match(bare.err, /nothing was stopped; name its data directory with --data-dir\n$/);
    const KUBECONFIG = join(home, 'kubeconfig');
    const byKubeconfig = await commandLine(elsewhere.path, { KUBECONFIG }).run('down');
    assert.ok(byKubeconfig.err.includes(`one runs on ${home}: `), byKubeconfig.err);
    await mkdir(join(elsewhere.path, '.fairway'));
    const stopped = await commandLine(elsewhere.path, { KUBECONFIG }).run('down');
    assert.equal(stopped.exitCode, 0);
    assert.match(stopped.out, /^No cluster runs on /);
    assert.ok(stopped.err.startsWith(`one runs on ${home}: `), stopped.err);
  });

  test('fairway proxy logs what was to be expected in one line', async () => {
    // Nobody listens there.
    const url = `http://127.0.0.1:${await suggestPort()}`;
    await using proxy = shell.start('proxy', '--port', '0', '--server', url);
    const { out } = await proxy.until('Starting to serve on ');
    const { status } = await fetch(`http://${/on (\S+)/.exec(out)?.[1]}/api`);
    assert.equal(status, 503);
    const { err } = await proxy.until('request refused');
    assert.match(
      err,
      /^\S+ warn request refused .*nothing listens there.*check that the server runs/,
    );
    assert.doesNotMatch(err, / at |cause=/);
  });

  test('fairway get points to the kubeconfig of the folder when none is set', async () => {
    const { exitCode, err } = await commandLine(folder.path).run('get', 'pods');
    assert.equal(exitCode, 1);
    assert.match(
      err,
      /^error: no cluster is configured; .*export KUBECONFIG=\S+\/\.fairway\/kubeconfig\n$/,
    );
  });

  test('an address that is taken is told with the flag that picks another one', async () => {
    const address = /https:\/\/(\S+)/.exec((await cluster.until('Stop it with')).out)?.[1] ?? '';
    const port = address.split(':').at(-1) ?? '';
    const isTaken = `cannot listen on ${address}: the address is already in use; stop the program that listens there, or choose another port`;
    const other = commandLine(folder.path);
    const up = await other.run('up', '--data-dir', 'other', '--listen', address);
    assert.equal(up.err, `error: ${isTaken}; --listen 127.0.0.1:0 picks a free one\n`);
    const proxy = await shell.run('proxy', '--port', port);
    assert.equal(proxy.err, `error: ${isTaken}; --port 0 picks a free one\n`);
  });

  test('fairway up says when its data directory or certificates cannot be used', async () => {
    await using place = await scratchFolder();
    const user = commandLine(place.path);
    await writeFile(join(place.path, 'file'), '');
    const { err } = await user.run('up', '--data-dir', 'file', '--listen', '127.0.0.1:0');
    assert.match(
      err,
      /^error: cannot use the data directory \S+\/file: .*name another one with --data-dir\n$/,
    );
    const up = ['up', '--node', 'none', '--memory', '--listen', '127.0.0.1:0'];
    await using first = user.start(...up);
    await first.until('Stop it with');
    first.interrupt();
    await first.ended;
    await writeFile(join(place.path, '.fairway/pki/ca.crt'), 'junk');
    const { err: damaged, exitCode } = await user.run(...up);
    assert.equal(exitCode, 1);
    assert.match(
      damaged,
      /^error: cannot use the certificate authority \S+ca\.crt: .*restore it.*\n$/,
    );
  });

  test('fairway config changes a kubeconfig and says what it did', async () => {
    await using place = await scratchFolder();
    const path = join(place.path, 'config');
    const user = commandLine(place.path, { KUBECONFIG: path });
    for (const [words, said] of [
      [['set-cluster', 'c', '--server', 'https://c'], 'Cluster "c" set.\n'],
      [['set-credentials', 'u', '--token', 'hush'], 'User "u" set.\n'],
      [['set-context', 'a', '--cluster', 'c', '--user', 'u'], 'Context "a" created.\n'],
      [['set-context', 'a', '-n', 'shop'], 'Context "a" modified.\n'],
      [['use-context', 'a'], 'Switched to context "a".\n'],
      [['rename-context', 'a', 'b'], 'Context "a" renamed to "b".\n'],
      [['current-context'], 'b\n'],
      [['get-contexts', '--no-headers'], '*     b     c     u     shop\n'],
      [['get-users'], 'NAME\nu\n'],
      [['set', 'contexts.b.namespace', 'x'], 'Property "contexts.b.namespace" set.\n'],
      [['unset', 'contexts.b.namespace'], 'Property "contexts.b.namespace" unset.\n'],
      [['delete-user', 'u'], `deleted user u from ${path}\n`],
      [['delete-context', 'b'], `deleted context b from ${path}\n`],
    ] as const) {
      const { out, err } = await user.run('config', ...words);
      assert.equal(out, said, err);
    }
    assert.doesNotMatch(await readFile(path, 'utf8'), /hush/);
    assert.match(
      (await user.run('config', 'use-context', 'nope')).err,
      /^error: no context exists with the name: "nope"/,
    );
  });

  test('fairway config makes the file that it changes, and says which one is missing to read', async () => {
    await using place = await scratchFolder();
    const [named, listed] = [join(place.path, 'new/named'), join(place.path, 'new/listed')];
    const user = commandLine(place.path, { KUBECONFIG: listed });
    const missing = await user.run('config', 'current-context');
    assert.ok(missing.err.includes(`(${listed}: no such file or directory); choose`), missing.err);
    assert.equal((await user.run('config', 'get-clusters')).out, 'NAME\n');
    for (const flags of [[], ['--kubeconfig', named]]) {
      const set = ['config', 'set-cluster', 'c', '--server', 'https://c', ...flags];
      const { out, err } = await user.run(...set);
      assert.equal(out, 'Cluster "c" set.\n', err);
      assert.equal((await user.run('config', 'get-clusters', ...flags)).out, 'NAME\nc\n');
    }
  });

  test('a command that was typed wrong points to its own help', async () => {
    const cases: [string[], string][] = [
      [['get', '--bogus'], 'fairway get --help'],
      [['config', 'view', '--bogus'], 'fairway config view --help'],
      [['--bogus'], 'fairway --help'],
      [['bogus'], 'fairway --help'],
    ];
    for (const [words, help] of cases) {
      const { exitCode, err } = await shell.run(...words);
      assert.equal(exitCode, 1);
      assert.ok(err.endsWith(`See \`${help}\`.\n`), err);
    }
    const { out } = await shell.run('get', '--help');
    assert.deepEqual(await shell.run('help', 'get'), { exitCode: 0, out, err: '' });
  });

  test('a command of kubectl that is not built says what to type instead', async () => {
    const { exitCode, err } = await shell.run('expose', 'deploy/web', '--port=80');
    assert.equal(exitCode, 1);
    assert.equal(
      err,
      'error: kubectl has "expose", and this command not yet; try `fairway create service clusterip NAME --tcp=80:8080`\n',
    );
  });

  test('fairway without arguments, and --help, show every command', async () => {
    const { out, exitCode } = await shell.run();
    assert.equal(exitCode, 0);
    for (const name of ['up', 'down', 'get', 'proxy', 'config', 'version', 'cluster-info']) {
      assert.match(out, new RegExp(`^  ${name} `, 'm'));
    }
    assert.equal((await shell.run('--help')).out, out);
    assert.match((await shell.run('get', '--help')).out, /--as-group <group>/);
  });
});
