import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { collectBody } from '@fairway/protocol';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { listenForTest, textResponse } from '@fairway/serving/testing';
import { clusterIn } from './cluster-in.ts';
import { commandLine, scratchFolder } from './command-line.ts';

const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    nonResourceURLs: [/version]
  - level: RequestResponse
    verbs: [create]
    resources: [{ group: '', resources: [configmaps] }]
    namespaces: [default]
`;

interface Event {
  readonly auditID: string;
  readonly verb: string;
  readonly level: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly sourceIPs?: readonly string[];
  readonly responseObject?: { readonly data: object };
}

const creates = '/api/v1/namespaces/default/configmaps';

suite('fairway up and what it tells of requests', () => {
  test('writes events to a file, and sends them to a webhook that a kubeconfig describes', async () => {
    await using folder = await scratchFolder();
    const { tls, authority } = await makeTestCertificates();
    const sent: Event[] = [];
    await using webhook = await listenForTest(
      async ({ body }) => {
        const text = Buffer.from(await collectBody(body)).toString();
        const { kind, items } = JSON.parse(text) as { kind: string; items: readonly Event[] };
        assert.equal(kind, 'EventList');
        sent.push(...items);
        return textResponse('{}');
      },
      { tls },
    );
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'a',
          cluster: {
            server: `${webhook.url}/audit`,
            'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
          },
        },
      ],
      contexts: [{ name: 'a', context: { cluster: 'a', user: '' } }],
      'current-context': 'a',
    };
    await writeFile(join(folder.path, 'policy.yaml'), policy);
    await writeFile(join(folder.path, 'webhook.yaml'), JSON.stringify(kubeconfig));
    const flags =
      '--memory --listen 127.0.0.1:0 --audit-policy-file policy.yaml --audit-log-path logs/audit.log ' +
      '--audit-webhook-config-file webhook.yaml';
    {
      await using up = commandLine(folder.path).start('up', '--node', 'none', ...flags.split(' '));
      await up.until('Stop it with');
      const { ask } = await clusterIn(folder.path);
      await ask('/version');
      const { status, text } = await ask(creates, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'audit-id': 'told' },
        body: '{"metadata":{"name":"a"},"data":{"hello":"world"}}',
      });
      assert.equal(status, 201, text);
    }
    // A request is answered after its event is written, and the end sends what waits.
    const log = await readFile(join(folder.path, 'logs/audit.log'), 'utf8');
    const written = log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    const ours = ({ user }: Event): boolean => user.username === 'fairway-admin';
    const [version, created] = written.filter(ours);
    assert.deepEqual([version?.requestURI, version?.level], ['/version', 'Metadata']);
    assert.deepEqual(version?.sourceIPs, ['127.0.0.1']);
    assert.deepEqual([created?.auditID, created?.verb], ['told', 'create']);
    assert.deepEqual(created?.responseObject?.data, { hello: 'world' });
    const plain = written.map(({ auditID, requestURI }) => `${auditID} ${requestURI}`);
    assert.deepEqual(
      sent.map(({ auditID, requestURI }) => `${auditID} ${requestURI}`),
      plain,
    );
  });

  for (const [words, why] of [
    [
      ['--audit-policy-file', 'absent'],
      /^error: cannot use --audit-policy-file absent: there is no such file\n$/,
    ],
    [
      ['--audit-policy-file', 'bad'],
      /^error: cannot use --audit-policy-file bad: rules\[0\]\.level: "All" is none of None,/,
    ],
    [
      ['--audit-log-mode', 'fast'],
      /^error: cannot use --audit-log-mode "fast": it is batch, blocking, blocking-strict\n$/,
    ],
    [['--audit-log-format', 'xml'], /--audit-log-format "xml": it is json or legacy\n$/],
    [['--audit-log-version', 'audit.k8s.io/v1beta1'], /it is audit\.k8s\.io\/v1\n$/],
    [['--audit-log-maxsize', '-1'], /--audit-log-maxsize "-1": it is a number from 0 on\n$/],
    [['--audit-log-batch-throttle-qps', '0'], /qps "0": it is a number above 0\n$/],
    [['--audit-webhook-batch-max-wait', 'long'], /"long": it is a time as 30s or 2m\n$/],
    [['--audit-webhook-initial-backoff', '1'], /"1": it is a time as 30s or 2m\n$/],
    [['--audit-log-compress=maybe'], /--audit-log-compress "maybe": it is true or false\n$/],
    [
      ['--audit-log-truncate-enabled', '--audit-log-truncate-max-batch-size', '10'],
      /max-batch-size 10: it is less than --audit-log-truncate-max-event-size 102400\n$/,
    ],
    [
      ['--audit-policy-file', 'good', '--audit-webhook-config-file', 'absent', '--audit-log-path='],
      /^error: .*the name is empty/,
    ],
    [
      ['--audit-policy-file', 'good', '--audit-log-path', 'good/audit.log'],
      /^error: cannot use --audit-log-path good\/audit\.log: /,
    ],
  ] as const) {
    test(`says what is wrong with ${words.join(' ')}`, async () => {
      await using folder = await scratchFolder();
      const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
      await writeFile(join(folder.path, 'bad'), `${head}rules: [{ level: All }]\n`);
      await writeFile(join(folder.path, 'good'), policy);
      const log = words.some((word) => word.startsWith('--audit-log-path'))
        ? []
        : ['--audit-log-path', 'audit.log'];
      const start = ['up', '--node', 'none', '--memory', '--listen', '127.0.0.1:0'];
      const ended = await commandLine(folder.path).run(...start, ...log, ...words);
      assert.equal(ended.exitCode, 1);
      assert.match(ended.err, why);
    });
  }

  test('warns of flags that come to nothing', async () => {
    await using folder = await scratchFolder();
    const flags = '--memory --listen 127.0.0.1:0 --audit-log-path audit.log';
    await using up = commandLine(folder.path).start('up', '--node', 'none', ...flags.split(' '));
    const { err } = await up.until('Stop it with');
    assert.match(err, /warning: nothing is audited without --audit-policy-file/);
  });
});
