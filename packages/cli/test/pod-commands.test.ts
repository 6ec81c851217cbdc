import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { skipWithoutNamespaces } from '@fairway/node-agent/testing';
import { runGuide } from '../../../test/run-guide.ts';
import { type BesideKubectl, openBesideKubectl, skipBeside } from './beside-kubectl.ts';
import { commandLine } from './command-line.ts';
import { createPodsToEnter } from './pods-to-enter.ts';

const skip = (await skipWithoutNamespaces()) || skipBeside;

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
      const output = { write, writeError, writeStyled, hasColors: true };
      await using command = shell({ output }).start('logs', '-f', '-l', 'app=web');
      await all;
      command.interrupt();
      assert.equal((await command.ended).exitCode, 130);
      const text = printed.join('');
      assert.match(text, /^\u001b\[3\dm\[pod\/solo\/app\]\u001b\[39m 20$/m);
      assert.match(text, /^\u001b\[3\dm\[pod\/web\/app\]\u001b\[39m one$/m);
    });
  });

  test('docs/guides/into-pods.md can be typed', () => runGuide('into-pods', both.folder));
});
