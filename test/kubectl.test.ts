import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { installedKubectls } from './installed-kubectls.ts';
import { type Step, environmentOf, inOwnNamespace, runStep, tellSteps } from './kubectl-steps.ts';
import { openCluster } from './open-cluster.ts';

const versions = await installedKubectls();
const isMissing = versions.length === 0;
const skip = 'kubectl is not on the PATH: install kubernetes-client to run these tests';

test('there is a kubectl to test with', { skip: isMissing && !process.env['CI'] && skip }, () => {
  assert.ok(!isMissing, 'install kubernetes-client: in CI every test runs');
});

/** Some hundreds of calls, one after the other: more than one test may take on a slow machine. */
const timeout = 300_000;

test(
  'every installed kubectl drives a cluster',
  { skip: isMissing && skip, timeout },
  async (t) => {
    await using open = await openCluster();
    await writeManifests(open.directory);
    for (const [at, kubectl] of versions.entries()) {
      const isOldestOrNewest = at === 0 || at === versions.length - 1;
      const steps = isOldestOrNewest ? [...coreSteps, ...fullSteps] : coreSteps;
      await t.test(`kubectl ${kubectl.version}`, async (each) =>
        tellSteps(each, await inOwnNamespace({ open, kubectl }), steps),
      );
    }
  },
);

test('kubectl get -w prints what comes', { skip: isMissing && skip }, async () => {
  await using open = await openCluster();
  const [newest] = versions.slice(-1);
  assert.ok(newest !== undefined);
  const child = spawn(newest.file, ['get', 'secrets', '-w', '-o', 'name'], {
    env: environmentOf(open),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    // One that is there before or after the watch begins: both are printed.
    for (const name of ['first', 'second']) {
      const create = `create secret generic ${name}`;
      await runStep({ open, kubectl: newest }, { run: create, prints: /created/ });
      assert.equal((await lines.next()).value, `secret/${name}`);
    }
  } finally {
    child.kill();
    await once(child, 'exit');
  }
});

/** What every version must do. */
const coreSteps: readonly Step[] = [
  { run: 'version', prints: /Server Version: .*v1\.36/ },
  { run: 'get pods', prints: /^No resources found in \S+ namespace\.\n$/ },
  { run: 'apply -f web.yaml', prints: /^deployment\.apps\/web created\n$/ },
  { run: 'apply -f web.yaml', prints: /^deployment\.apps\/web unchanged\n$/ },
  {
    run: 'get deploy',
    prints: /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/2 +[0-2] +0 +\d+s\n$/,
  },
  { run: 'scale deploy web --replicas=3', prints: /^deployment\.apps\/web scaled\n$/ },
  { run: 'apply -f web-changed.yaml', prints: /^deployment\.apps\/web configured\n$/ },
  { run: 'create -f pod.yaml', prints: /^pod\/p created\n$/ },
  { run: 'get pod p -o name', prints: /^pod\/p\n$/ },
  { run: 'label pod p x=y', prints: /^pod\/p labeled\n$/ },
  { run: 'describe pod p', prints: /^Name: +p\n[^]*Labels: +x=y\n[^]*Status: +Pending\n/ },
  { run: 'explain pod.spec.nodeName', prints: /nodeName <string>/ },
  {
    run: 'explain deployment.spec.strategy',
    prints:
      /The deployment strategy to use to replace existing pods with new\s+ones\.[^]*rollingUpdate/,
  },
  { run: 'api-resources', prints: /^deployments +deploy +apps\/v1 +true +Deployment$/m },
  { run: 'auth can-i create pods', prints: /^yes\n$/ },
  { run: 'delete pod p', prints: /^pod "p" deleted/ },
  { run: 'get pod p', exit: 1, prints: /^Error from server \(NotFound\): pods "p" not found\n$/ },
];

const merge = ['patch', 'pod', 'p', '--type', 'merge', '-p'];
const jsonPatch = ['patch', 'pod', 'p', '--type', 'json', '-p'];

/** All the rest, for the oldest and the newest; continues with what `coreSteps` have left. */
const fullSteps: readonly Step[] = [
  // Reading.
  { run: 'cluster-info', prints: /control plane.* is running at .*https:\/\/127\.0\.0\.1:\d+/ },
  { run: 'api-versions', prints: /^apps\/v1\n[^]*^v1\n/m },
  { run: 'get --raw /readyz', prints: /^ok$/ },
  { run: 'get --raw /apis/batch/v1/jobs', prints: /^\{"kind":"JobList","apiVersion":"batch\/v1"/ },
  { run: 'get ns', prints: /^NAME +STATUS +AGE\n[^]*^kube-system +Active +(\d+m)?\d+s$/m },
  { run: 'get deploy -o wide', prints: /CONTAINERS +IMAGES +SELECTOR\n.*web +nginx:2 +app=web\n/ },
  { run: 'get deploy web -o json', prints: /^\{\n {4}"apiVersion": "apps\/v1",\n/ },
  { run: 'get deploy web -o yaml', prints: /^apiVersion: apps\/v1\nkind: Deployment\n/ },
  { run: 'get deploy web -o jsonpath={.spec.replicas}', prints: /^2$/ },
  { run: 'get svc -A', prints: /^default +kubernetes +ClusterIP +10\.0\.0\.1 +<none> +443\/TCP/m },
  { run: 'get deploy -l app=web -o name', prints: /^deployment\.apps\/web\n$/ },
  { run: 'get deploy -l app!=web', prints: /^No resources found/ },
  {
    run: 'get deploy --field-selector metadata.name=web -o name',
    prints: /^deployment.apps\/web$/m,
  },
  { run: 'get deploy,pods,svc', prints: /^NAME +READY[^]*deployment\.apps\/web/ },
  { run: 'get clusterroles --chunk-size=5 -o name', prints: /\/admin\n[^]*\/view\n$/ },
  { run: 'get all', prints: /deployment\.apps\/web/ },
  {
    run: 'get componentstatuses',
    prints: /^controller-manager +Healthy +ok[^]*^etcd-0 +Healthy +ok[^]*^scheduler +Healthy/m,
  },
  { run: 'get nope', exit: 1, prints: /the server doesn't have a resource type "nope"/ },
  { run: 'describe deploy web', prints: /Replicas: +2 desired/ },
  { run: 'explain deploy --recursive', prints: /replicas\s+<integer>/ },
  { run: 'auth can-i list pods --as bob', exit: 1, prints: /^no\n$/ },
  { run: 'auth can-i --list', prints: /\*\.\* +\[\] +\[\] +\[\*\]/ },
  { run: 'auth whoami', since: 28, prints: /fairway-admin[^]*system:masters/ },
  {
    run: 'get pods --as bob',
    exit: 1,
    prints:
      /\(Forbidden\): pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace/,
  },
  // Changing one object in every way.
  { run: 'create -f pod.yaml', prints: /created/ },
  { run: 'create -f pod.yaml', exit: 1, prints: /\(AlreadyExists\).*pods "p" already exists/ },
  { run: 'annotate pod p a=b', prints: /^pod\/p annotated?\n$/ },
  { run: ['patch', 'pod', 'p', '-p', '{"metadata":{"labels":{"s":"1"}}}'], prints: /patched/ },
  { run: [...merge, '{"metadata":{"labels":{"m":"1"}}}'], prints: /patched/ },
  {
    run: [...jsonPatch, '[{"op":"add","path":"/metadata/labels/j","value":"1"}]'],
    prints: /patched/,
  },
  {
    run: ['get', 'pod', 'p', '-o', 'jsonpath={.metadata.labels}'],
    prints: /"j":"1","m":"1","s":"1"/,
  },
  { run: [...merge, '{"metadata":{"labels":{"m":"1"}}}'], prints: /patched \(no change\)/ },
  { run: 'edit pod p', editor: 'sed -i s/busybox/busybox:2/', prints: /^pod\/p edited\n$/ },
  { run: 'edit pod p', editor: 'true', prints: /^Edit cancelled, no changes made\.\n$/ },
  { run: 'replace -f pod.yaml', exit: 1, prints: /pod updates may not change fields other than/ },
  { run: 'replace -f web-changed.yaml', prints: /^deployment\.apps\/web replaced\n$/ },
  { run: 'replace --force -f pod.yaml', prints: /pod\/p replaced\n$/ },
  {
    run: 'wait pod/p --for=jsonpath={.status.phase}=Pending --timeout=10s',
    since: 23,
    prints: /^pod\/p condition met\n$/,
  },
  { run: 'wait pod/p --for=condition=Ready --timeout=1s', exit: 1, prints: /timed out waiting/ },
  { run: 'diff -f web-changed.yaml', prints: /^$/ },
  { run: 'diff -f web.yaml', exit: 1, prints: /^-.*image: nginx:2\n\+.*image: nginx\n/m },
  { run: 'apply -f broken.yaml', since: 27, exit: 1, prints: /spec\.selector: Required value/ },
  { run: 'apply -f unknown.yaml', since: 27, exit: 1, prints: /unknown field "spec\.nope"/ },
  { run: 'set image deploy/web web=nginx:3', prints: /image updated/ },
  { run: 'rollout restart deploy web', prints: /restarted/ },
  { run: 'autoscale deploy web --max=3', prints: /autoscaled/ },
  // Making objects of many kinds.
  { run: 'create cm c --from-literal=a=b', prints: /^configmap\/c created\n$/ },
  { run: 'create secret generic s --from-literal=a=b', prints: /^secret\/s created\n$/ },
  { run: 'create sa robot', prints: /^serviceaccount\/robot created\n$/ },
  { run: 'create token robot', since: 24, prints: /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n?$/ },
  { run: 'create role r --verb=get,list --resource=pods', prints: /role\S+\/r created/ },
  { run: 'create rolebinding rb --role=r --serviceaccount=NS:robot', prints: /rb created/ },
  { run: 'auth can-i list pods --as system:serviceaccount:NS:robot', prints: /^yes\n$/ },
  { run: 'create deployment d --image=nginx', prints: /^deployment\.apps\/d created\n$/ },
  { run: 'create job j --image=busybox -- date', prints: /^job\.batch\/j created\n$/ },
  {
    run: ['create', 'cronjob', 'cj', '--image=busybox', '--schedule=* * * * *', '--', 'date'],
    since: 21,
    prints: /^cronjob\.batch\/cj created\n$/,
  },
  {
    run: 'create job from-cj --from=cronjob/cj',
    since: 21,
    prints: /^job\.batch\/from-cj created\n$/,
  },
  { run: 'create quota q --hard=pods=9', prints: /^resourcequota\/q created\n$/ },
  { run: 'create ingress i --rule=example.com/=web:80', prints: /created/ },
  { run: 'create pdb pdb --selector=app=web --min-available=1', since: 22, prints: /created/ },
  { run: 'create ns NS-2', prints: /^namespace\/NS-2 created\n$/ },
  { run: 'run runner --image=nginx', prints: /^pod\/runner created\n$/ },
  { run: 'expose deploy web --port=80', prints: /^service\/web exposed\n$/ },
  { run: 'expose pod runner --port=80 --type=NodePort', prints: /^service\/runner exposed\n$/ },
  { run: 'get svc', prints: /^runner +NodePort +10\.0\.0\.\d+ +<none> +80:3\d{4}\/TCP/m },
  { run: 'get cm,secret,role,job,cronjob,quota,ingress,pdb,hpa', prints: /configmap\/c/ },
  // Who owns which field.
  {
    run: 'apply --server-side -f web.yaml',
    exit: 1,
    prints:
      /Apply failed with 1 conflict: conflict with "kubectl-set" using apps\/v1: \.spec\.template\.spec\.containers\[name="web"\]\.image/,
  },
  { run: 'apply --server-side --force-conflicts -f web.yaml', prints: /web serverside-applied\n$/ },
  { run: 'apply --server-side -f web.yaml', prints: /web serverside-applied\n$/ },
  {
    run: 'get deploy web -o yaml --show-managed-fields',
    prints: /manager: kubectl\n +operation: Apply\n/,
  },
  {
    run: 'diff --server-side -f web-changed.yaml',
    exit: 1,
    prints: /^-.*image: nginx$\n^\+.*image: nginx:2$/m,
  },
  {
    run: 'apply --server-side --field-manager=other -f web-changed.yaml',
    exit: 1,
    prints: /conflict with "kubectl": \.spec\.template\.spec\.containers\[name="web"\]\.image/,
  },
  { run: 'apply -f web.yaml', prints: /^deployment\.apps\/web (unchanged|configured)$/m },
  { run: 'apply -f extra.yaml', prints: /^configmap\/extra created\n$/ },
  { run: 'apply --prune -l app=web -f web.yaml', prints: /^configmap\/extra pruned$/m },
  // There is no node that could run it.
  { run: 'logs p', prints: /^$/ },
  {
    run: 'exec p -- ls',
    exit: 1,
    prints: /\(BadRequest\): pod p does not have a host assigned/,
  },
  { run: 'delete svc web runner', prints: /^service "web" deleted/ },
  { run: 'delete deploy --all', prints: /deployment\.apps "d" deleted/ },
  { run: 'delete ns NS-2 --wait=false', prints: /^namespace "NS-2" deleted/ },
];

const deployment = (image: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 80 }] }] },
    },
  },
});

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'busybox' }] },
};

/** JSON is YAML. */
async function writeManifests(directory: string): Promise<void> {
  const { selector: _, ...unselected } = (deployment('nginx') as { spec: { selector: object } })
    .spec;
  const manifests: Readonly<Record<string, object>> = {
    'web.yaml': deployment('nginx'),
    'web-changed.yaml': deployment('nginx:2'),
    'broken.yaml': { ...deployment('nginx'), metadata: { name: 'broken' }, spec: unselected },
    'extra.yaml': {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'extra', labels: { app: 'web' } },
    },
    'pod.yaml': pod,
    'unknown.yaml': { ...pod, metadata: { name: 'q' }, spec: { ...pod.spec, nope: 1 } },
  };
  for (const [name, object] of Object.entries(manifests)) {
    await writeFile(join(directory, name), JSON.stringify(object));
  }
}
