import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { installedKubectls } from './installed-kubectls.ts';
import { type OpenCluster, openCluster } from './open-cluster.ts';

const folder = fileURLToPath(new URL('definitions/', import.meta.url));
const [newest] = (await installedKubectls()).slice(-1);
const skip = newest === undefined && 'kubectl is not on the PATH';

/** What kubectl explains and prints of the one object of each, beside its description. */
const told: Readonly<Record<string, { readonly explain: RegExp; readonly prints: RegExp }>> = {
  'certificates.yaml': {
    explain: /issuerRef\s+<Object> -required-\n\s+Who signs it\./,
    prints: /"kind":"Issuer"[^]*"rotationPolicy":"Never"/,
  },
  'compositions.yaml': {
    explain: /mode\s+<string>\n(\s+enum: Resources, Pipeline\n)?/,
    prints: /"mode":"Resources"[^]*\[1,\{"a":2\}\][^]*"data":\{"d":"e"\}/,
  },
  'monitors.yaml': {
    explain: /resources\s+<map\[string\](\S+)>/,
    prints: /"targetPort":8080[^]*"targetPort":"metrics"/,
  },
  'policies.yaml': {
    explain: /background\s+<boolean>/,
    prints: /"action":"Audit","background":false/,
  },
  'routes.yaml': {
    explain: /hostnames\s+<\[\]string>/,
    prints: /"port":443[^]*"port":80[^]*"type":"PathPrefix"/,
  },
  'tasks.yaml': {
    explain: /steps\s+<\[\]Object>/,
    prints: /"type":"array"[^]*"A":\{"type":"string"\}[^]*"type":"string"/,
  },
  'workflows.yaml': {
    explain: /entrypoint\s+<string>/,
    prints: /"parallelism":1[^]*\[1,"two",null\]/,
  },
};

test('definitions as projects have them are installed, explained and used', { skip }, async (t) => {
  await using open = await openCluster();
  const names = (await readdir(folder)).sort();
  assert.deepEqual(names, Object.keys(told).sort());
  for (const name of names) {
    await t.test(name, async () => {
      const { explain, prints } = told[name] ?? assert.fail(name);
      const text = await readFile(`${folder}${name}`, 'utf8');
      const [definition = '', object = ''] = text.split('\n---\n');
      const crd = `crd/${found(definition, /^ {2}name: (\S+)$/m)}`;
      const plural = found(definition, /plural: (\w+)/);
      await kubectl(open, ['apply', '-f', '-'], definition);
      await kubectl(open, ['wait', '--for=condition=Established', crd]);
      // Applied twice, as a pipeline would; kubectl sends lists again in which the server fills in.
      for (const applied of [/created\n$/, /(unchanged|configured)\n$/]) {
        assert.match(await kubectl(open, ['apply', '-f', '-'], object), applied);
      }
      const explained = await kubectl(open, ['explain', plural]);
      assert.ok(explained.includes(found(definition, /^ +description: (.+)$/m)), explained);
      assert.match(await kubectl(open, ['explain', `${plural}.spec`]), explain);
      const shown = await kubectl(open, ['get', plural, 'tried', '-o', 'json']);
      assert.match(JSON.stringify(JSON.parse(shown)), prints);
      await kubectl(open, ['get', plural, '-o', 'wide']);
      await kubectl(open, ['delete', crd]);
    });
  }
});

function found(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? assert.fail(`nothing like ${pattern}`);
}

/** What it prints; anything but success fails the test. */
function kubectl(open: OpenCluster, words: readonly string[], input = ''): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    HOME: open.directory,
    KUBECONFIG: open.cluster.kubeconfig,
  };
  return new Promise((resolve, reject) => {
    const options = { env, timeout: 30_000 };
    const child = execFile(newest?.file ?? '', words, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`kubectl ${words.join(' ')}: ${stderr}`));
    });
    child.stdin?.end(input);
  });
}
