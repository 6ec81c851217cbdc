import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { Deployment } from '@fairway/kinds/apps/v1';
import { Pod } from '@fairway/kinds/core/v1';
import { skipWithoutNamespaces } from '@fairway/node-agent/testing';
import { fairwayCommand } from '../../../test/fairway-process.ts';
import { runGuide } from '../../../test/run-guide.ts';
import { type BesideKubectl, openBesideKubectl, skipBeside } from './beside-kubectl.ts';
import { commandLine } from './command-line.ts';
import { createPodsToEnter, serving } from './pods-to-enter.ts';

const skipInTerminal = await withoutPython();
const skip = (await skipWithoutNamespaces()) || skipBeside;

type Step = readonly [string, ...(string | number)[]];

/** Why tests in a terminal are skipped; in CI they are not. */
async function withoutPython(): Promise<string | false> {
  const isThere = await promisify(execFile)('python3', ['--version']).then(
    () => true,
    () => false,
  );
  return !isThere && process.env['CI'] === undefined && 'python3 is not installed';
}

suite('commands that go into pods', { skip }, () => {
  let both: BesideKubectl;
  let admin: ConnectedClient;

  before(async () => {
    both = await openBesideKubectl('--node', 'process');
    both.share();
    admin = await connect({ kubeconfig: join(both.folder, '.fairway/kubeconfig') });
    await createPodsToEnter(admin);
  });
  after(async () => {
    await admin.close();
    await both[Symbol.asyncDispose]();
  });

  const shell = (parts: Parameters<typeof commandLine>[2] = {}) =>
    commandLine(both.folder, { KUBECONFIG: join(both.folder, '.fairway/kubeconfig') }, parts);

  suite('logs', () => {
    test('print what kubectl prints, of containers, workloads and labels', async () => {
      for (const line of [
        'logs web',
        'logs web prep',
        'logs web -c side',
        'logs pod/solo --tail 2',
        'logs solo --tail=-1 --since=1h',
        'logs solo --limit-bytes=7',
        'logs solo --tail=0',
        'logs solo --timestamps --tail 1 --since-time 2020-01-01T00:00:00Z',
        'logs marked',
        'logs done',
        'logs done -f',
        'logs deploy/twins --tail 1',
        'logs svc/twins --prefix --tail=1',
        'logs -l app=none',
      ]) {
        await both.same(line);
      }
    });

    test('mix those of many pods by whole lines', async () => {
      for (const line of [
        'logs -l app=web --prefix',
        'logs -l app=web --all-containers --prefix --tail=3',
        'logs deploy/twins --all-pods',
        'logs web --all-containers=true',
      ]) {
        const words = line.split(' ');
        const [our, their] = await Promise.all([both.ours({ words }), both.theirs({ words })]);
        const sorted = ({ out }: { readonly out: string }) => out.split('\n').toSorted();
        assert.deepEqual(sorted(our), sorted(their), line);
        assert.deepEqual([our.exitCode, our.err], [0, their.err]);
      }
    });

    test('refuse what kubectl refuses', async () => {
      for (const line of [
        'logs',
        'logs nope',
        'logs web -c nope',
        'logs web -p -c side',
        'logs configmap/kube-root-ca.crt',
        'logs web solo more',
        'logs web -l app=web',
        'logs web app -c app',
        'logs web --all-containers -c app',
        'logs web --since=1s --since-time=2020-01-01T00:00:00Z',
        'logs web --since=abc',
        'logs web --since-time=yesterday',
        'logs web --tail=-5',
        'logs web --limit-bytes=-1',
        'logs -l app=web -f --max-log-requests=1',
      ]) {
        const left = await both.same({ words: line.split(' '), hasOwnErrors: true });
        assert.equal(left.exitCode, 1, line);
      }
    });

    test('follow many pods in colours on a terminal, and end with Ctrl-C', async () => {
      const printed: string[] = [];
      const { promise: all, resolve } = Promise.withResolvers<void>();
      const writeStyled = async (text: string): Promise<void> => {
        printed.push(text);
        if (/solo[^]*20\n/.test(printed.join('')) && /web\/app[^]*two/.test(printed.join('')))
          resolve();
      };
      const write = (text: string | Uint8Array): Promise<void> => assert.fail(String(text));
      const writeError = (): Promise<void> => Promise.resolve();
      const output = { write, writeError, writeStyled, passOn: writeError, hasColors: true };
      await using command = shell({ output }).start('logs', '-f', '-l', 'app=web');
      await all;
      command.interrupt();
      assert.equal((await command.ended).exitCode, 130);
      const text = printed.join('');
      assert.match(text, /^\u001b\[3\dm\[pod\/solo\/app\]\u001b\[39m 20$/m);
      assert.match(text, /^\u001b\[3\dm\[pod\/web\/app\]\u001b\[39m one$/m);
    });
  });

  suite('exec', () => {
    test('runs what kubectl runs, and ends with the same code', async () => {
      for (const line of [
        'exec web -- echo hi',
        'exec web -c side -- sh -c id;exit${IFS}7',
        'exec -q web -- false',
        'exec solo -- kill -9 0',
        'exec deploy/twins -- cat /www/index.html',
        'exec svc/twins -it -- echo hi',
        'exec solo -t -- echo hi',
        'exec marked -- sh -c echo>&2',
      ]) {
        await both.same(line);
      }
    });

    test('hands over what is piped in, to its end', async () => {
      const input = `${'line of it\n'.repeat(20_000)}without end`;
      const left = await both.same({ words: ['exec', '-i', 'solo', '--', 'cat'], input });
      assert.equal(left.out, input);
      await both.same({ words: ['exec', '-i', 'solo', '--', 'sh', '-c', 'exit 3'], input });
      await both.same({ words: ['exec', 'solo', '--', 'cat'], input });
    });

    test('refuses what kubectl refuses', async () => {
      for (const line of [
        'exec',
        'exec web',
        'exec web ls',
        'exec web --',
        'exec nope -- ls',
        'exec web -c nope -- ls',
        'exec done -- ls',
        'exec solo -- no-such-program',
        'exec configmap/kube-root-ca.crt -- ls',
      ]) {
        const left = await both.same({ words: line.split(' '), hasOwnErrors: true });
        assert.equal(left.exitCode, 1, line);
      }
    });

    test('ends with Ctrl-C', async () => {
      await using command = shell().start('exec', 'solo', '--', 'sh', '-c', 'echo up; sleep 100');
      await command.until('up');
      command.interrupt();
      assert.equal((await command.ended).exitCode, 130);
    });
  });

  suite('with a terminal', { skip: skipInTerminal }, () => {
    const inTerminal = async (steps: readonly Step[], ...words: readonly string[]) => {
      const script = join(import.meta.dirname, 'in-terminal.py');
      const { stdout } = await promisify(execFile)(
        'python3',
        [script, JSON.stringify(steps), ...fairwayCommand, ...words],
        { env: { ...process.env, KUBECONFIG: join(both.folder, '.fairway/kubeconfig') } },
      );
      return JSON.parse(stdout) as { code: number; shown: string; isRestored: boolean };
    };

    test('exec gives keys and sizes to the program, and the terminal back', async () => {
      const steps: Step[] = [
        ['wait', '# '],
        ['type', 'echo size $(stty size); cat\r'],
        ['wait', 'size 24 80\r\n'],
        ['type', 'in cat\r'],
        ['wait', 'in cat\r\nin cat\r\n'],
        // Of the program there, not of ours.
        ['type', '\u0003'],
        ['wait', '# '],
        ['size', 30, 100],
        ['type', 'until [ "$(stty size)" = "30 100" ]; do :; done; echo re"sized"\r'],
        ['wait', 'resized\r\n'],
        ['type', 'exit 5\r'],
      ];
      const left = await inTerminal(
        steps,
        'exec',
        '-it',
        'solo',
        '--',
        'env',
        'PS1=# ',
        'bash',
        '--norc',
      );
      assert.match(left.shown, /command terminated with exit code 5\r\n$/);
      assert.deepEqual([left.code, left.isRestored], [5, true]);
    });

    test('the terminal is given back when the command is ended', async () => {
      for (const [signal, code] of [
        ['SIGTERM', 130],
        ['SIGHUP', 130],
        ['SIGQUIT', -3],
      ] as const) {
        const steps: Step[] = [
          ['wait', 'up'],
          ['kill', signal],
        ];
        const words = ['exec', '-it', 'solo', '--', 'sh', '-c', 'echo u"p"; sleep 100'];
        const left = await inTerminal(steps, ...words);
        assert.deepEqual([left.code, left.isRestored], [code, true], signal);
      }
    });

    test('attach connects to the program of a container', async () => {
      const steps: Step[] = [
        ['wait', 'pressing enter.'],
        ['type', 'echo $((6 * 7))\r'],
        ['wait', '42\r\n'],
        ['type', 'exit\r'],
      ];
      const left = await inTerminal(steps, 'attach', '-it', 'shell');
      assert.match(left.shown, /Session ended, resume using 'fairway attach shell -c app -i -t'/);
      assert.deepEqual([left.code, left.isRestored], [0, true]);
    });
  });

  suite('attach', () => {
    test('shows what a program prints from now on', async () => {
      await using command = shell().start('attach', 'ticks', '-q');
      await command.until('tick');
      command.interrupt();
      const { exitCode, err } = await command.ended;
      assert.deepEqual([exitCode, err], [130, '']);
    });

    test('refuses what kubectl refuses', async () => {
      for (const line of ['attach', 'attach nope', 'attach solo -c nope', 'attach done']) {
        const left = await both.same({ words: line.split(' '), hasOwnErrors: true });
        assert.equal(left.exitCode, 1, line);
      }
    });
  });

  suite('port-forward', () => {
    const portOf = (out: string, remote: number): number =>
      Number(new RegExp(`127\\.0\\.0\\.1:(\\d+) -> ${remote}\n`).exec(out)?.[1]);
    const get = (port: number): Promise<string> =>
      fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then((answer) =>
        answer.text(),
      );

    test('carries many ports of a service, and one that fails harms no other', async () => {
      await using command = shell().start('port-forward', 'svc/twins', ':main', ':80');
      await command.until(']:');
      const { out } = await command.until('Forwarding from 127.0.0.1');
      assert.match(out, /^Forwarding from 127\.0\.0\.1:\d+ -> 8080$/m);
      await using dead = shell().start('port-forward', 'web', ':9', ':http');
      const ports = (await dead.until('-> 8080')).out;
      await assert.rejects(get(portOf(ports, 9)));
      const { err } = await dead.until('error forwarding');
      assert.match(err, /^error forwarding \d+ -> 9: .*refused/m);
      assert.equal(await get(portOf(ports, 8080)), 'served\n');
      assert.equal(await get(portOf(out, 8080)), 'served\n');
      const handled = `Handling connection for ${portOf(out, 8080)}\n`;
      assert.ok((await command.until('Handling')).out.includes(handled));
      command.interrupt();
      assert.equal((await command.ended).exitCode, 0);
    });

    test('goes on with another pod of the workload when the pod goes', async () => {
      const { items } = await admin.list(Pod, { labelSelector: 'app=twins' }).all();
      const name = items[0]?.metadata?.name ?? '';
      await using command = shell().start('port-forward', name, ':8080');
      const port = portOf((await command.until('127.0.0.1')).out, 8080);
      assert.equal(await get(port), 'served\n');
      await admin.delete(Pod, name);
      const { err } = await command.until('going on with pod/twins-');
      assert.ok(err.includes(`lost pod/${name}: `), err);
      assert.equal(await get(port), 'served\n');
      await admin.waitFor(Deployment, 'twins', ({ status }) => status?.readyReplicas === 2);
    });

    test('waits for a pod on its own to come again', async () => {
      const own = serving('alone');
      await admin.create(Pod, own);
      await admin.waitFor(Pod, 'alone', { condition: 'Ready' });
      await using command = shell().start('port-forward', 'alone', ':http');
      const port = portOf((await command.until('127.0.0.1')).out, 8080);
      await admin.delete(Pod, 'alone');
      await command.until('waiting for another one that is ready');
      await admin.waitFor(Pod, 'alone', { isDeleted: true });
      const answer = get(port);
      await admin.create(Pod, own);
      assert.equal(await answer, 'served\n');
      await admin.delete(Pod, 'alone');
    });

    test('listens where it is told, and says where it cannot', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port: taken } = server.address() as AddressInfo;
      try {
        const flags = ['--address', 'localhost,127.0.0.2'];
        await using command = shell().start('port-forward', 'web', `${taken}:8080`, ...flags);
        const { out, err } = await command.until(`127.0.0.2:${taken} -> 8080`);
        assert.equal(
          out,
          `Forwarding from [::1]:${taken} -> 8080\nForwarding from 127.0.0.2:${taken} -> 8080\n`,
        );
        assert.match(err, /^Unable to listen on port \d+ of 127\.0\.0\.1: .*EADDRINUSE/);
        const words = ['port-forward', 'web', `${taken}:8080`, '--address', '127.0.0.1'];
        const left = await shell().run(...words);
        assert.match(left.err, /^error: unable to listen on any of the requested ports/m);
        assert.equal(left.exitCode, 1);
      } finally {
        server.close();
      }
    });

    test('refuses what kubectl refuses', async () => {
      for (const line of [
        'port-forward',
        'port-forward web',
        'port-forward nope :80',
        'port-forward done :80',
        'port-forward web :nope',
        'port-forward web 99999',
        'port-forward web 0',
        'port-forward web 10.0.0.1:80',
        'port-forward svc/twins :81',
        'port-forward svc/twins :nope',
        'port-forward web :80 --address nope.invalid',
        'port-forward configmap/kube-root-ca.crt :80',
      ]) {
        const left = await both.same({ words: line.split(' '), hasOwnErrors: true });
        assert.equal(left.exitCode, 1, line);
      }
    });
  });

  suite('cp', () => {
    const exec = async (...words: readonly string[]): Promise<string> =>
      (await shell().run('exec', 'web', '-c', 'side', '--', ...words)).out;

    test('puts files and folders where kubectl puts them', async () => {
      const local = join(both.folder, 'copied');
      await mkdir(join(local, 'within'), { recursive: true });
      await writeFile(join(local, 'file'), 'text', { mode: 0o640 });
      await writeFile(join(local, 'within/other'), Buffer.alloc(1_000_000, 'abc'));
      for (const who of ['ours', 'theirs'] as const) {
        await exec('mkdir', '-p', `/tmp/${who}/there`);
        for (const [from, to] of [
          ['copied/file', `/tmp/${who}/new`],
          ['copied/file', `/tmp/${who}/there`],
          ['copied', `/tmp/${who}/there`],
          ['copied', `/tmp/${who}/tree`],
          ['copied/within/', `/tmp/${who}/there/`],
        ] as const) {
          const left = await both[who]({ words: ['cp', from, `web:${to}`, '-c', 'side'] });
          assert.deepEqual(left, { out: '', err: '', exitCode: 0 }, `${who} ${from} ${to}`);
        }
        for (const [from, to] of [
          [`/tmp/${who}/new`, `back-${who}/file`],
          [`/tmp/${who}/tree`, `back-${who}/tree`],
          [`/tmp/${who}/tree/within`, `back-${who}/tree`],
        ] as const) {
          const left = await both[who]({ words: ['cp', `default/web:${from}`, to, '-c', 'side'] });
          assert.equal(left.exitCode, 0, left.err);
        }
      }
      const list = ['sh', '-c', 'cd $0 && find . -type f -printf "%p %s %m\\n" | sort'];
      const theirs = await exec(...list, '/tmp/theirs');
      assert.match(theirs, /there\/copied\/within\/other 1000000/);
      assert.equal(await exec(...list, '/tmp/ours'), theirs);
      const back = async (who: string): Promise<string[]> =>
        (await readdir(join(both.folder, `back-${who}`), { recursive: true })).toSorted();
      assert.deepEqual(await back('ours'), await back('theirs'));
      assert.equal(await readFile(join(both.folder, 'back-ours/file'), 'utf8'), 'text');
    });

    test('copies one file into a folder that is there', async () => {
      await mkdir(join(both.folder, 'into'), { recursive: true });
      const left = await shell().run('cp', 'web:/www/index.html', 'into');
      assert.deepEqual([left.err.split(' ')[0], left.exitCode], ['Defaulted', 0]);
      assert.equal(await readFile(join(both.folder, 'into/index.html'), 'utf8'), 'served\n');
    });

    test('leaves permissions to the container where it is told', async () => {
      await writeFile(join(both.folder, 'open'), 'open');
      await chmod(join(both.folder, 'open'), 0o666);
      for (const flags of [[], ['--no-preserve'], ['--no-preserve=false']]) {
        const copies = [];
        for (const who of ['ours', 'theirs'] as const) {
          const target = `/tmp/${who}-${flags.join('')}`;
          await both[who]({ words: ['cp', 'open', `web:${target}`, '-c', 'side', ...flags] });
          copies.push(await exec('stat', '-c', '%a %u', target));
        }
        const wanted = flags[0] === '--no-preserve' ? '644 0\n' : '666 0\n';
        assert.deepEqual(copies, [wanted, wanted], flags.join(' '));
      }
    });

    test('says what is wrong', async () => {
      for (const [line, message] of [
        ['cp', /source and destination are required/],
        ['cp web:/a', /source and destination are required/],
        ['cp a b', /one of src or dest must be a remote file specification/],
        ['cp web:/a solo:/b', /one of src or dest must be a local file specification/],
        ['cp nowhere web:/x', /nowhere doesn't exist in local filesystem/],
        ['cp a/b/c:/d e', /filespec must match the canonical format/],
        ['cp web: e', /filepath can not be empty/],
        ['cp nope:/a e', /pods "nope" not found/],
        ['cp web:/nope e', /No such file or directory/],
        ['cp web:/a e --retries=many', /is no number/],
      ] as const) {
        const left = await shell().run(...line.split(' '));
        assert.match(left.err, message, line);
        assert.equal(left.exitCode, 1, line);
      }
    });
  });

  test('docs/guides/into-pods.md can be typed', () => runGuide('into-pods', both.folder));
});
