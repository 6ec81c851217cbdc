/**
 * What pretended pods and nodes do when nobody says otherwise, in the words of a file of stages: pods run at
 * once, those of jobs complete after a second, and all end a second after they were deleted. Annotations of
 * an object change the times; those with kwok's names for a failure make one.
 */
export const defaultStageObjects: readonly object[] = [
  stage('pod-create', {
    selector: [absent('.metadata.deletionTimestamp'), absent('.status.startTime')],
    delay: delayOf('pod-create', 0),
    next: { containers: { state: 'Created' } },
  }),
  stage('pod-ready', {
    selector: [absent('.metadata.deletionTimestamp'), present('.status.startTime')],
    delay: delayOf('pod-ready', 0),
    next: { containers: { state: 'Ready' } },
  }),
  stage('pod-complete', {
    selector: [
      absent('.metadata.deletionTimestamp'),
      among('.status.conditions[] | select(.type == "Ready") | .status', 'True'),
      among('.metadata.ownerReferences[].kind', 'Job'),
      among('.spec.restartPolicy', 'Never', 'OnFailure'),
    ],
    delay: delayOf('pod-complete', 1_000),
    next: { containers: { state: 'Exited', exitCode: 0 } },
  }),
  stage('pod-init-container-failed', {
    selector: [
      absent('.metadata.deletionTimestamp'),
      present(annotation('pod-init-container-failed', 'name')),
      among('.status.conditions[] | select(.type == "Initialized") | .status', 'False'),
    ],
    weight: 10,
    delay: delayOf('pod-init-container-failed', 1_000),
    next: { containers: failureOf('pod-init-container-failed', 'name') },
  }),
  stage('pod-container-failed', {
    selector: [
      absent('.metadata.deletionTimestamp'),
      present(annotation('pod-container-failed', 'name')),
      present('.status.containerStatuses[].state.running'),
    ],
    weight: 10,
    delay: delayOf('pod-container-failed', 2_000),
    next: { containers: failureOf('pod-container-failed', 'name') },
  }),
  stage('pod-container-running-failed', {
    selector: [
      absent('.metadata.deletionTimestamp'),
      among('.metadata.labels["pod-container-running-failed.stage.kwok.x-k8s.io"]', 'true'),
      present('.status.containerStatuses[].state.running'),
    ],
    weight: 10,
    delay: delayOf('pod-container-running-failed', 1_000),
    next: { containers: failureOf('pod-container-running-failed', 'container-name') },
  }),
  stage('pod-delete', {
    selector: [present('.metadata.deletionTimestamp'), among('.spec.restartPolicy', 'Always')],
    delay: delayOf('pod-delete', 1_000),
    next: { containers: { state: 'Exited', exitCode: 0 } },
  }),
  // A program that has work to do and is told to end has not done it.
  stage('pod-delete-unfinished', {
    selector: [
      present('.metadata.deletionTimestamp'),
      among('.spec.restartPolicy', 'Never', 'OnFailure'),
    ],
    delay: delayOf('pod-delete', 1_000),
    next: { containers: { state: 'Exited', exitCode: 143 } },
  }),
  stage('node-not-ready', {
    kind: 'Node',
    selector: [among('.metadata.labels["node-not-ready.stage.kwok.x-k8s.io"]', 'true')],
    weight: 10,
    delay: delayOf('node-not-ready', 0),
    next: {
      node: {
        state: 'NotReady',
        reason: 'KubeletNotReady',
        reasonFrom: from(annotation('node-not-ready', 'reason')),
        message: 'the node is told not to be ready',
        messageFrom: from(annotation('node-not-ready', 'message')),
      },
    },
  }),
  stage('node-ready', {
    kind: 'Node',
    selector: [],
    delay: delayOf('node-ready', 0),
    next: { node: { state: 'Ready' } },
  }),
];

function stage(
  name: string,
  spec: {
    readonly kind?: string;
    readonly selector: readonly object[];
    readonly weight?: number;
    readonly delay: object;
    readonly next: object;
  },
): object {
  const { kind = 'Pod', selector, weight = 0, delay, next } = spec;
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind },
      selector: { matchExpressions: selector },
      weight,
      weightFrom: from(annotation(name, 'weight')),
      delay,
      next,
    },
  };
}

function delayOf(name: string, durationMilliseconds: number): object {
  return {
    durationMilliseconds,
    durationFrom: from(annotation(name, 'delay')),
    jitterDurationFrom: from(annotation(name, 'jitter-delay')),
  };
}

function failureOf(name: string, container: string): object {
  return {
    state: 'Exited',
    nameFrom: from(annotation(name, container)),
    exitCode: 1,
    exitCodeFrom: from(annotation(name, 'exit-code')),
    reasonFrom: from(annotation(name, 'reason')),
    messageFrom: from(annotation(name, 'message')),
  };
}

function annotation(name: string, what: string): string {
  return `.metadata.annotations["${name}.stage.kwok.x-k8s.io/${what}"]`;
}

function from(expressionFrom: string): object {
  return { expressionFrom };
}

function absent(key: string): object {
  return { key, operator: 'DoesNotExist' };
}

function present(key: string): object {
  return { key, operator: 'Exists' };
}

function among(key: string, ...values: readonly string[]): object {
  return { key, operator: 'In', values };
}
