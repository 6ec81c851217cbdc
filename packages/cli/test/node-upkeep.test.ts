import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type BesideKubectl, openBesideKubectl, skipBeside } from './beside-kubectl.ts';

/** Made by openssl for `/O=dev/CN=eve`; the key was thrown away. */
const requestText = Buffer.from(`-----BEGIN CERTIFICATE REQUEST-----
MIHVMH4CAQAwHDEMMAoGA1UECgwDZGV2MQwwCgYDVQQDDANldmUwWTATBgcqhkjO
PQIBBggqhkjOPQMBBwNCAAQpZP6ULZsLnn6kMqr1bipk5JiVDP4shcEGnTs3BWXd
3jh0uL3g9bBtSaUFLbluqq2gjcLIPegIDEgDnCUWDxhKoAAwCgYIKoZIzj0EAwID
RwAwRAIgaeQCd8tySdkwQIc4JbyaM13t9royVwj/aH4U8vp5qF0CIE3OsXdIxUw/
Lc5VfTJhTIuly3wJXAGJks0ilKhNOs+p
-----END CERTIFICATE REQUEST-----
`).toString('base64');

/** Pods of one name on one node, that who drains finds alike: it puts them back. */
const pods = (node: string, namespace: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      pod('plain', node, namespace, {}),
      pod('scratch', node, namespace, { volumes: [{ name: 'data', emptyDir: {} }] }),
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'log', namespace },
        spec: {
          selector: { matchLabels: { app: 'log' } },
          template: {
            metadata: { labels: { app: 'log' } },
            spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'log' }] },
          },
        },
      },
    ],
  });

const pod = (name: string, node: string, namespace: string, more: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: name } },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'c', image: 'web' }],
    ...more,
  },
});

suite('nodes and requests for certificates beside kubectl', { skip: skipBeside }, () => {
  let both: BesideKubectl;

  before(async () => {
    both = await openBesideKubectl('--node', 'none', '--simulated-nodes', '3');
    await both.begin('nodes');
  });
  after(() => both[Symbol.asyncDispose]());

  /** Nodes are in no namespace: first one, then the other, each after the same beginning. */
  const inTurn = async (
    line: string,
    { hasOwnErrors = false, undo }: { hasOwnErrors?: boolean; undo?: () => Promise<unknown> } = {},
  ): Promise<string> => {
    const words = line.split(' ');
    const our = await both.ours({ words });
    await undo?.();
    const their = await both.theirs({ words });
    const pick = ({ out, err, exitCode }: typeof our): object => ({
      // The daemon's pod has a name by chance, and pods end as it happens.
      out: out
        .replaceAll(/log-\w{5}/g, 'log')
        .split('\n')
        .toSorted(),
      exitCode,
      ...(hasOwnErrors ? {} : { err: err.replaceAll(/log-\w{5}/g, 'log') }),
    });
    assert.deepEqual(pick(our), pick(their), JSON.stringify({ line, our, their }));
    return our.err;
  };
  const each = async (undo: string | undefined, ...lines: readonly string[]): Promise<void> => {
    for (const line of lines) {
      await inTurn(line, undo === undefined ? {} : { undo: () => both.ours(undo) });
    }
  };
  const done = async (line: Parameters<typeof both.ours>[0]): Promise<void> => {
    const { exitCode, err } = await both.ours(line);
    assert.equal(exitCode, 0, err);
  };
  const nodes = 'simulated-1 simulated-2 simulated-3';

  test('cordon and uncordon say whether a node takes more pods', async () => {
    await each(
      undefined,
      'cordon simulated-1 --dry-run=client',
      'cordon simulated-1 --dry-run=server',
    );
    await each('uncordon simulated-1 simulated-2', 'cordon simulated-1 node/simulated-2');
    const { out } = await both.ours('get node simulated-2 -o jsonpath={.spec.unschedulable}');
    assert.equal(out, 'true');
    await each(undefined, 'cordon simulated-1', 'cordon -l a=b', 'uncordon nope');
    await each('cordon simulated-1', 'uncordon simulated-1 simulated-3');
    for (const line of ['cordon', 'cordon simulated-1 -l a=b', 'cordon cm/kube-root-ca.crt']) {
      await inTurn(line, { hasOwnErrors: true });
    }
    await both.ours(`uncordon ${nodes}`);
  });

  test('taint sets and takes away what keeps pods from a node', async () => {
    const undo = 'taint node simulated-1 a-';
    await each(undo, 'taint node simulated-1 a=b:NoSchedule', 'taint node simulated-1 a:NoExecute');
    await each(
      undefined,
      'taint node simulated-1 a=c:NoExecute',
      'taint node simulated-1 a=c:NoExecute --overwrite',
    );
    await both.ours('taint node simulated-1 a=b:NoSchedule');
    await both.ours('taint node simulated-1 b=c:PreferNoSchedule');
    await each(
      'taint node simulated-1 a=b:NoSchedule',
      'taint node simulated-1 a:NoSchedule- -o name',
    );
    await each(
      'taint node simulated-1 b=c:PreferNoSchedule',
      'taint node simulated-1 d=e:NoSchedule b- --overwrite',
    );
    await each(
      undefined,
      'taint node simulated-1 q-',
      'taint node simulated-1 q:NoSchedule-',
      'taint node simulated-1',
      'taint node nope a=b:NoSchedule',
      'taint node -l a=b x=y:NoSchedule',
    );
    await each('taint node --all x-', 'taint node --all x=y:NoSchedule');
    for (const line of [
      'taint',
      'taint cm kube-root-ca.crt a=b:NoSchedule',
      'taint node simulated-1 a=b',
      'taint node simulated-1 a=b:Wrong',
      'taint node simulated-1 a=b:NoSchedule a=c:NoSchedule',
      'taint node simulated-1 a=b:NoSchedule a-',
      'taint node simulated-1 -a=b:NoSchedule',
    ]) {
      await inTurn(line, { hasOwnErrors: true });
    }
    const { out } = await both.ours('get node simulated-1 -o jsonpath={.spec.taints[*].key}');
    assert.deepEqual(out.split(' ').toSorted(), ['a', 'd', 'x']);
    await both.ours('taint node simulated-1 a- d-');
    await both.ours('taint node --all x-');
  });

  test('drain ends pods that may go, and says which may not', async () => {
    const namespace = 'nodes-ours';
    const fill = async (): Promise<void> => {
      const input = pods('simulated-1', namespace);
      await done({ words: ['apply', '-f', '-'], input });
      await done('wait pod/plain pod/scratch --for=condition=Ready');
      await done('rollout status ds/log');
    };
    const again = async (): Promise<void> => {
      await both.ours('uncordon simulated-1');
      await fill();
    };
    await fill();
    const refused = await inTurn('drain simulated-1', {
      hasOwnErrors: true,
      undo: () => both.ours('uncordon simulated-1'),
    });
    for (const why of [
      'cannot delete Pods that declare no controller (use --force to override): nodes-ours/plain, nodes-ours/scratch',
      'cannot delete Pods with local storage (use --delete-emptydir-data to override): nodes-ours/scratch',
      'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): nodes-ours/log-',
      'There are pending nodes to be drained:\n simulated-1\n',
    ]) {
      assert.ok(refused.includes(why), refused);
    }
    const all = 'drain simulated-1 --ignore-daemonsets --force --delete-emptydir-data';
    for (const more of [' --dry-run=client', ' --dry-run=server', '', ' --disable-eviction']) {
      await again();
      await inTurn(`${all}${more}`, { hasOwnErrors: true, undo: again });
    }
    await again();
    await inTurn(`${all} --pod-selector app=none`, { undo: again });
    await inTurn('drain nope');
    await inTurn('drain -l a=b');
    await inTurn('drain', { hasOwnErrors: true });
    const { err } = await both.ours(all);
    assert.match(err, /^Warning: .*ignoring DaemonSet-managed Pods: nodes-ours\/log-/);
    assert.match(err, /deleting Pods with local storage: nodes-ours\/scratch/);
  });

  test('drain waits for a disruption budget until its time is over, and goes on when it allows', async () => {
    await both.ours(`uncordon ${nodes}`);
    const input = pods('simulated-2', 'nodes-ours');
    await done('delete pod plain scratch --ignore-not-found');
    await both.ours({ words: ['apply', '-f', '-'], input });
    await both.ours('wait pod/plain --for=condition=Ready');
    await both.ours('create pdb plain --selector=app=plain --min-available=1');
    await both.ours('wait pdb/plain --for=jsonpath={.status.currentHealthy}=1');
    const words = 'drain simulated-2 --ignore-daemonsets --force --pod-selector app=plain';
    const late = await both.ours(`${words} --timeout=1s`);
    assert.equal(late.exitCode, 1);
    assert.match(
      late.err,
      /error when evicting pods\/"plain" -n "nodes-ours" \(will retry after 5s\): Cannot evict pod as it would violate the pod's disruption budget\./,
    );
    assert.match(late.err, /global timeout reached: 1s/);
    assert.match(late.err, /There are pending nodes to be drained:\n simulated-2\n/);
    const going = both.ours(words);
    await both.ours('delete pdb plain');
    assert.match((await going).out, /pod\/plain evicted\nnode\/simulated-2 drained\n$/);
    await both.ours(`uncordon ${nodes}`);
  });

  test('certificate approve and deny decide on requests', async () => {
    const request = (name: string): string =>
      JSON.stringify({
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name },
        spec: { request: requestText, signerName: 'example.com/none', usages: ['client auth'] },
      });
    for (const name of ['a-ours', 'a-theirs', 'b-ours', 'b-theirs']) {
      await both.ours({ words: ['create', '-f', '-'], input: request(name) });
    }
    const decide = async (ours: string): Promise<void> => {
      const our = await both.ours(ours);
      const their = await both.theirs(ours.replaceAll('-ours', '-theirs'));
      const pick = ({ out, err, exitCode }: typeof our): string =>
        JSON.stringify({ out, err, exitCode }).replaceAll('-ours', '-theirs');
      assert.equal(pick(our), pick(their));
    };
    await decide('certificate approve a-ours');
    await decide('certificate approve a-ours');
    await decide('certificate approve a-ours --force -o name');
    await decide('certificate deny b-ours');
    await decide('certificate deny nope');
    await decide('certificate approve b-ours');
    await decide('certificate approve');
    const read = async (name: string): Promise<string> =>
      (
        await both.ours(
          `get csr ${name} -o jsonpath={.status.conditions[*]['type','reason','message']}`,
        )
      ).out;
    assert.equal(await read('a-ours'), await read('a-theirs'));
    assert.match(await read('b-ours'), /^Denied KubectlDeny/);
    assert.equal(await read('b-ours'), await read('b-theirs'));
  });
});
