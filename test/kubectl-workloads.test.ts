import { test } from 'node:test';
import { Pod } from '@fairway/kinds/core/v1';
import { installedKubectls } from './installed-kubectls.ts';
import { type Step, inOwnNamespace, tellSteps } from './kubectl-steps.ts';
import { openCluster } from './open-cluster.ts';

const versions = await installedKubectls();
const skip = versions.length === 0 && !process.env['CI'] && 'kubectl is not on the PATH';

/** Many calls, one after the other: more than one test may take on a slow machine. */
const timeout = 300_000;

test('every installed kubectl brings workloads to their ends', { skip, timeout }, async (t) => {
  await using open = await openCluster({ simulatedNodes: { count: 2 } });
  for (const kubectl of versions) {
    await t.test(`kubectl ${kubectl.version}`, async (each) => {
      const teller = await inOwnNamespace({ open, kubectl });
      await tellSteps(each, teller, untilDone);
      const { namespace } = teller;
      const pods = await open.admin.list(Pod, { namespace, labelSelector: 'app=web' }).all();
      await tellSteps(each, teller, drain(pods.items[0]?.spec?.nodeName ?? ''));
    });
  }
});

const untilDone: readonly Step[] = [
  { run: 'create deployment web --image=nginx --replicas=2', prints: /created/ },
  {
    run: 'rollout status deployment web --timeout=25s',
    prints: /"web" successfully rolled out\n$/,
  },
  {
    run: 'wait deployment/web --for=condition=Available --timeout=25s',
    prints: /^deployment\.apps\/web condition met\n$/,
  },
  { run: 'autoscale deployment web --min=2 --max=3 --cpu-percent=80', prints: /web autoscaled\n$/ },
  {
    run: ['create', 'cronjob', 'nightly', '--image=busybox', '--schedule=0 3 * * *', '--', 'date'],
    since: 21,
    prints: /created/,
  },
  {
    run: 'create job tonight --from=cronjob/nightly',
    since: 21,
    prints: /^job\.batch\/tonight created\n$/,
  },
  {
    run: 'wait job/tonight --for=condition=Complete --timeout=25s',
    since: 21,
    prints: /^job\.batch\/tonight condition met\n$/,
  },
];

/** Of the node of a pod of the deployment. */
const drain = (node: string): readonly Step[] => [
  {
    run: `drain ${node} --timeout=25s`,
    prints: new RegExp(`evicting pod NS/web-[^]*node/${node} (drained|evicted)\n`),
  },
  { run: `get node ${node}`, prints: /^simulated-\d +Ready,SchedulingDisabled /m },
  {
    run: 'rollout status deployment web --timeout=25s',
    prints: /"web" successfully rolled out\n$/,
  },
  { run: `uncordon ${node}`, prints: new RegExp(`^node/${node} uncordoned\n$`) },
];
