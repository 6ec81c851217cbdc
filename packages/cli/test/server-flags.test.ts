import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { clusterIn } from './cluster-in.ts';
import { commandLine, scratchFolder } from './command-line.ts';

const pod = JSON.stringify({
  metadata: { name: 'a' },
  spec: { containers: [{ name: 'a', image: 'a:1', securityContext: { privileged: true } }] },
});

suite('fairway up and the flags of a kube-apiserver', () => {
  test('serves where, what and by which certificate its flags say', async () => {
    await using folder = await scratchFolder();
    const line = commandLine(folder.path);
    const flags =
      '--memory --bind-address 127.0.0.1 --secure-port 0 --advertise-address 192.0.2.7 ' +
      '--cert-dir certs --runtime-config batch/v1=false --runtime-config apps/v1=false,apps/v1=true ' +
      '--disable-admission-plugins ServiceAccount,DefaultTolerationSeconds --allow-privileged=false ' +
      '--feature-gates WatchList=true --enable-admission-plugins AlwaysPullImages';
    const written = join(folder.path, 'certs/apiserver.crt');
    const start = async () => {
      const up = line.start('up', '--node', 'none', ...flags.split(' '));
      await up.until('Stop it with');
      return { up };
    };
    let made: string;
    {
      const { up } = await start();
      await using _up = up;
      made = await readFile(written, 'utf8');
      const { ask } = await clusterIn(folder.path);
      const slices = await ask('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices');
      assert.match(slices.text, /"addresses":\["192\.0\.2\.7"\]/);
      assert.equal((await ask('/apis/batch/v1/jobs')).status, 404);
      assert.equal((await ask('/apis/apps/v1/deployments')).status, 200);
      const pods = '/api/v1/namespaces/default/pods';
      const headers = { 'content-type': 'application/json' };
      const refused = await ask(pods, { method: 'POST', headers, body: pod });
      assert.match(refused.text, /privileged: Forbidden: disallowed by cluster policy/);
      const body = pod.replace('true', 'false');
      const taken = await ask(pods, { method: 'POST', headers, body });
      assert.equal(taken.status, 201, taken.text);
      assert.doesNotMatch(taken.text, /tolerations|serviceAccountName/);
      assert.match(taken.text, /"imagePullPolicy":"Always"/);
    }
    {
      const { up } = await start();
      await using _up = up;
      // The pair that the first start has made; clients go on knowing it.
      assert.equal(await readFile(written, 'utf8'), made);
      const { ask } = await clusterIn(folder.path);
      const rootCa = '/api/v1/namespaces/default/configmaps/kube-root-ca.crt';
      while ((await ask(rootCa)).status === 404) await delay(5);
      const { data } = JSON.parse((await ask(rootCa)).text) as { data: { 'ca.crt': string } };
      assert.equal(data['ca.crt'], made);
    }
    await rm(join(folder.path, 'certs/apiserver.key'));
    const halved = await line.run('up', '--node', 'none', ...flags.split(' '));
    assert.match(
      halved.err,
      /error: cannot serve with .*certs\/apiserver\.key: there is no such file/,
    );
    await writeFile(join(folder.path, 'certs/apiserver.key'), 'x');
    const damaged = await line.run('up', '--node', 'none', ...flags.split(' '));
    assert.match(damaged.err, /apiserver\.key: it does not begin with a key in PEM\n/);
  });

  test('refuses what it cannot do by the name of the flag', async () => {
    await using folder = await scratchFolder();
    const line = commandLine(folder.path);
    const refusals: readonly (readonly [string, RegExp])[] = [
      [
        '--etcd-servers=http://a:1',
        /--etcd-servers: objects lie in the data directory, a store over etcd/,
      ],
      ['--listen=127.0.0.1:0 --secure-port=1', /--listen and --bind-address or --secure-port say/],
      ['--secure-port=65536', /--secure-port "65536": it is no port from 0 to 65535/],
      ['--bind-address=::1x', /--bind-address "::1x": it is no IP address/],
      ['--advertise-address=a', /--advertise-address "a": it is no IP address/],
      ['--tls-private-key-file=a', /without --tls-private-key-file/],
      ['--tls-cert-file=a --tls-private-key-file=b', /cannot serve with .*\/a: there is no such/],
      ['--runtime-config=apps/v2=true', /apps\/v2 is not built in Fairway, which has v1 of apps/],
      ['--feature-gates=AllAlpha=true', /Fairway cannot switch AllAlpha on/],
      ['--enable-admission-plugins=ImagePolicyWebhook', /ImagePolicyWebhook is not built/],
      ['--enable-admission-plugins=EventRateLimit', /EventRateLimit has no limits/],
      ['--disable-admission-plugins=Nope', /there is no admission plugin "Nope"/],
      ['--allow-privileged=1x', /--allow-privileged "1x": it is true or false/],
      ['--anonymous-auth=no', /--anonymous-auth "no": it is true or false/],
      ['--service-cluster-ip-range=10.0.0.0/33', /cannot use --service-cluster-ip-range: "10/],
    ];
    for (const [flags, message] of refusals) {
      const { exitCode, err } = await line.run(
        'up',
        '--node',
        'none',
        '--memory',
        ...flags.split(' '),
      );
      assert.equal(exitCode, 1, flags);
      assert.match(err, message);
    }
  });
});
