import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MemoryFiles } from '@fairway/host/testing';
import { readAdmissionFile } from './admission-file.ts';

const podSecurity = {
  apiVersion: 'pod-security.admission.config.k8s.io/v1',
  kind: 'PodSecurityConfiguration',
  defaults: { enforce: 'baseline' },
};

async function read(written: Readonly<Record<string, unknown>>, enabled: readonly string[] = []) {
  const files = new MemoryFiles();
  for (const [path, content] of Object.entries(written)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await files.write(path, Buffer.from(text));
  }
  const environment = { workingDirectory: '/here' };
  return readAdmissionFile({ files, environment } as never, { path: 'a/admission.yaml', enabled });
}

function configuration(...plugins: readonly object[]): object {
  return { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins };
}

test('readAdmissionFile() takes what plugins are told from the file, or from one beside it', async () => {
  const inline = configuration({ name: 'PodSecurity', configuration: podSecurity });
  const { PodSecurity } = await read({ '/here/a/admission.yaml': inline });
  assert.equal(PodSecurity?.defaults.enforce.level, 'baseline');
  const apart = await read({
    '/here/a/admission.yaml': configuration(
      { name: 'PodSecurity', path: 'pods.yaml' },
      { name: 'PodNodeSelector', path: '/etc/nodes.yaml' },
    ),
    '/here/a/pods.yaml': podSecurity,
    '/etc/nodes.yaml': 'podNodeSelectorPluginConfig:\n  shop: disk=ssd\n',
  });
  assert.equal(apart.PodSecurity?.defaults.enforce.level, 'baseline');
  assert.deepEqual(apart.PodNodeSelector, { allowed: { shop: 'disk=ssd' } });
});

test('the file that docs/guides/admission.md shows can be used', async () => {
  const guide = readFileSync(
    new URL('../../../../docs/guides/admission.md', import.meta.url),
    'utf8',
  );
  const [, yaml = ''] = /```yaml\n(apiVersion: apiserver\.config[^]*?)```/.exec(guide) ?? [];
  const { PodSecurity } = await read({ '/here/a/admission.yaml': yaml });
  assert.deepEqual(PodSecurity?.exemptions.namespaces, ['kube-system']);
});

test('readAdmissionFile() says which file is wrong, and in what', async () => {
  const file = '/here/a/admission.yaml';
  const strict = { ...podSecurity, defaults: { enforce: 'strict' } };
  const rows: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{}, /cannot use --admission-control-config-file a\/admission\.yaml: there is no such file/],
    [{ [file]: podSecurity }, /it has not apiVersion apiserver\.config\.k8s\.io\/v1 or /],
    [{ [file]: 'a: [' }, /cannot use --admission-control-config-file a\/admission\.yaml: /],
    [
      { [file]: configuration({}, { name: 'A', pth: 'x' }) },
      /plugins\[0\]\.name: Required.*plugins\[0\]\.path: Required.*plugins\[1\]\.pth: .*unknown/,
    ],
    [
      { [file]: configuration({ name: 'ImagePolicyWebhook', configuration: {} }) },
      /ImagePolicyWebhook takes no configuration in Fairway/,
    ],
    [
      { [file]: configuration({ name: 'PodSecurity', path: 'pods.yaml' }) },
      /config-file \/here\/a\/pods\.yaml: there is no such file/,
    ],
    [
      { [file]: configuration({ name: 'PodSecurity', path: 'p' }), '/here/a/p': strict },
      /config-file \/here\/a\/p: the configuration of PodSecurity cannot be used: defaults\.enforce: /,
    ],
  ];
  for (const [written, message] of rows) {
    await assert.rejects(read(written), { name: 'CommandError', message });
  }
});

test('readAdmissionFile() insists on limits for the plugin that has none of its own', async () => {
  const written = { '/here/a/admission.yaml': configuration() };
  await assert.rejects(read(written, ['EventRateLimit']), {
    message: /EventRateLimit has no limits: name a file that gives some with --admission-control/,
  });
  assert.deepEqual(await read(written, ['AlwaysPullImages']), {});
});
