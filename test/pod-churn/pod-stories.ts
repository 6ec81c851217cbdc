import type { Container, Pod, PodSpec } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** A pod that does one thing, and how it is to be known that it has. */
export interface PodStory {
  readonly spec: PodSpec;
  /** Whether the pod is in the state that its spec asks for, whatever was killed on the way. */
  isAsAsked(pod: DeepReadonly<Pod>): boolean;
  /** What it runs is started again when somebody ends it. */
  readonly survivesKills: boolean;
  /** Whether it has a network when it is as asked. */
  readonly hasNetwork: boolean;
}

const oddText = 'two\nlines, \t"quotes" and $(NOTHING) \u{1f980}';
const forever = 'while :; do sleep 1; done';

/** With a shell and the usual small programs. */
export const churnImage = 'test.invalid/busybox:1';
/** What volumes of these stories name. */
export const settingsName = 'settings';

export const podStories: Readonly<Record<string, PodStory>> = {
  runs: lasting({ containers: [shell(`trap 'exit 0' TERM; ${forever}`)] }),
  'ignores-term': lasting({ containers: [shell(`trap '' TERM; ${forever}`)] }),
  forks: lasting({
    containers: [shell(`for i in 1 2 3 4; do (setsid sleep 100000 &); done; ${forever}`)],
  }),
  'has-volumes': lasting({
    containers: [
      {
        ...shell(`until test -s /settings/key -a -s /secret/key; do sleep 1; done; ${forever}`),
        volumeMounts: [
          { name: 'settings', mountPath: '/settings' },
          { name: 'secret', mountPath: '/secret' },
          { name: 'memory', mountPath: '/memory' },
          { name: 'disk', mountPath: '/part', subPathExpr: 'part' },
          { name: 'labels', mountPath: '/labels' },
        ],
        readinessProbe: {
          exec: { command: ['sh', '-c', 'cat /settings/key /secret/key /labels/labels'] },
          periodSeconds: 1,
          timeoutSeconds: 10,
        },
      },
    ],
    volumes: [
      { name: 'settings', configMap: { name: settingsName } },
      { name: 'secret', secret: { secretName: settingsName } },
      { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'disk', emptyDir: {} },
      {
        name: 'labels',
        downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
      },
    ],
  }),
  'has-init': lasting({
    initContainers: [
      { ...shell('true'), name: 'first' },
      { ...shell(forever), name: 'sidecar', restartPolicy: 'Always' },
    ],
    containers: [shell(forever)],
  }),
  'has-odd-names': lasting({
    containers: [
      {
        ...shell(
          `test "$ODD" = "$0" -a -s "/odd\nplace/odd\nname" && touch "/part é/x" && ${forever}`,
        ),
        args: [oddText],
        env: [{ name: 'ODD', value: oddText }],
        volumeMounts: [
          { name: 'labels', mountPath: '/odd\nplace' },
          { name: 'disk', mountPath: '/part é', subPath: 'a\nb \\012 c' },
        ],
      },
    ],
    volumes: [
      { name: 'disk', emptyDir: {} },
      {
        name: 'labels',
        downwardAPI: {
          items: [{ path: 'odd\nname', fieldRef: { fieldPath: 'metadata.labels' } }],
        },
      },
    ],
  }),
  'hangs-in-hooks': lasting({
    containers: [
      { ...shell(forever), lifecycle: { preStop: { exec: { command: ['sleep', '100000'] } } } },
    ],
  }),
  'hangs-in-probes': {
    ...lasting({
      containers: [
        {
          ...shell(forever),
          readinessProbe: {
            exec: { command: ['sh', '-c', `trap '' TERM; ${forever}`] },
            periodSeconds: 1,
          },
        },
      ],
    }),
    isAsAsked: ({ status }) => status?.phase === 'Running' && !isReady(status),
  },
  succeeds: over('Succeeded', { restartPolicy: 'Never', containers: [shell('true')] }),
  fails: over('Failed', { restartPolicy: 'Never', containers: [shell('sleep 1; exit 3')] }),
  'succeeds-later': over('Succeeded', {
    restartPolicy: 'OnFailure',
    containers: [
      {
        ...shell('test -e /disk/tried && exit 0; touch /disk/tried; exit 1'),
        volumeMounts: [{ name: 'disk', mountPath: '/disk' }],
      },
    ],
    volumes: [{ name: 'disk', emptyDir: {} }],
  }),
  'fails-again': {
    spec: pod({ containers: [shell('sleep 0.2; exit 1')] }),
    isAsAsked: ({ status }) =>
      status?.phase === 'Running' && (status.containerStatuses?.[0]?.restartCount ?? 0) > 0,
    survivesKills: true,
    hasNetwork: true,
  },
  'has-no-image': {
    spec: pod({ containers: [{ name: 'main', image: 'localhost:1/no-such:1' }] }),
    isAsAsked: ({ status }) =>
      status?.phase === 'Pending' && /^(ErrImagePull|ImagePullBackOff)$/.test(waitsFor(status)),
    survivesKills: true,
    hasNetwork: true,
  },
  'has-no-command': {
    spec: pod({ containers: [{ ...shell(''), command: ['/no-such'] }] }),
    isAsAsked: ({ status }) =>
      /^(RunContainerError|CrashLoopBackOff)$/.test(waitsFor(status)) &&
      (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0,
    survivesKills: true,
    hasNetwork: true,
  },
};

function shell(script: string): Container {
  return { name: 'main', image: churnImage, command: ['sh', '-c', script] };
}

function pod(spec: PodSpec): PodSpec {
  return { terminationGracePeriodSeconds: 1, automountServiceAccountToken: false, ...spec };
}

function lasting(spec: PodSpec): PodStory {
  return {
    spec: pod(spec),
    isAsAsked: ({ status }) => status?.phase === 'Running' && isReady(status),
    survivesKills: true,
    hasNetwork: true,
  };
}

function over(phase: 'Succeeded' | 'Failed', spec: PodSpec): PodStory {
  return {
    spec: pod(spec),
    isAsAsked: ({ status }) => status?.phase === phase,
    survivesKills: false,
    hasNetwork: false,
  };
}

function isReady(status: DeepReadonly<Pod>['status']): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

function waitsFor(status: DeepReadonly<Pod>['status']): string {
  return status?.containerStatuses?.[0]?.state?.waiting?.reason ?? '';
}
