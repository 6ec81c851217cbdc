import {
  annotationsOf,
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
} from '@fairway/protocol';
import type { Pod, PodSpec } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { FieldErrors } from '../field-checks.ts';
import { fillAppArmorFields } from './app-armor-fields.ts';
import { podDeletion } from './pod-deletion.ts';
import {
  prepareEphemeralContainers,
  validateEphemeralContainersUpdate,
} from './pod-ephemeral-containers.ts';
import { preparePodResize, validatePodResize } from './pod-resize.ts';
import { applyPodOnlyDefaults, applyPodSpecDefaults } from './pod-spec-defaults.ts';
import { mirrorAnnotation } from '../pods/pod-references.ts';
import { qosClassOf } from '../pods/qos-class.ts';
import { keepAllButStatus } from './status-subresource.ts';
import { expectTrimmedImage } from './validate-containers.ts';
import { validatePodSpec } from './validate-pod-spec.ts';
import { validatePodUpdate } from './validate-pod-update.ts';
import { validateProfileAnnotations } from './validate-profile-annotations.ts';

type PodDraft = ObjectDraft<Pod>;

/** Source: v1 Pod; core validation, ValidatePodCreate. */
export const podRules: KindRules<PodDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults,
  prepareForCreate,
  prepareForUpdate,
  prepareForStatusUpdate,
  prepareForSubresource: {
    ephemeralcontainers: prepareEphemeralContainers,
    resize: preparePodResize,
  },
  validate,
  validateCreate,
  validateUpdate: validatePodUpdate,
  validateSubresource: {
    ephemeralcontainers: validateEphemeralContainersUpdate,
    resize: validatePodResize,
  },
  deletion: podDeletion,
  fieldLabels: {
    'spec.nodeName': (pod) => pod.spec?.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec?.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(pod.spec?.hostNetwork ?? false),
    'status.phase': (pod) => pod.status?.phase ?? '',
    'status.podIP': (pod) => pod.status?.podIP ?? '',
    'status.podIPs': (pod) => pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '',
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
    'spec.host': (pod) => pod.spec?.nodeName ?? '',
  },
};

function applyDefaults(pod: PodDraft): void {
  pod.spec ??= {};
  applyPodSpecDefaults(pod.spec);
  applyPodOnlyDefaults(pod.spec);
  // Only a pod's own: the templates of others stay as they were written.
  if ((pod.spec.terminationGracePeriodSeconds ?? 0) < 0) pod.spec.terminationGracePeriodSeconds = 1;
}

function prepareForCreate(pod: PodDraft, warn: (text: string) => void): void {
  fillAppArmorFields(pod, warn);
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec ?? {}) };
  if (pod.spec?.schedulingGates?.length) {
    pod.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
  }
}

/** The status and the ephemeral containers of a pod have their own subresources. */
function prepareForUpdate(pod: PodDraft, stored: PodDraft): void {
  if (stored.status) pod.status = stored.status;
  else delete pod.status;
  pod.spec ??= {};
  if (stored.spec?.ephemeralContainers) {
    pod.spec.ephemeralContainers = stored.spec.ephemeralContainers;
  } else delete pod.spec.ephemeralContainers;
}

function prepareForStatusUpdate(pod: PodDraft, stored: PodDraft): void {
  keepAllButStatus(pod, stored);
  pod.status ??= {};
  if (stored.status?.qosClass) pod.status.qosClass ??= stored.status.qosClass;
}

function validate(pod: PodDraft, stored?: PodDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = pod.spec ?? {};
  validateMirror(pod, errors);
  const podName = pod.metadata?.name;
  const named = podName === undefined ? {} : { podName };
  const place = { field: 'spec', isPod: true, stored: stored?.spec, ...named };
  validatePodSpec(spec, place, errors);
  if (!spec.serviceAccountName) expectNoTokens(spec, errors);
  spec.containers?.forEach((container, index) => {
    expectTrimmedImage(container, `spec.containers[${index}]`, errors);
  });
  spec.initContainers?.forEach((container, index) => {
    expectTrimmedImage(container, `spec.initContainers[${index}]`, errors);
  });
  return errors;
}

function validateCreate(pod: PodDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  if (pod.spec?.ephemeralContainers?.length) {
    errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (pod.spec?.nodeName && pod.spec.schedulingGates?.length) {
    const text = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbiddenField('spec.nodeName', text));
  }
  return errors;
}

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

function validateMirror(pod: PodDraft, errors: FieldErrors): void {
  const annotations = annotationsOf(pod);
  const mirror = annotations[mirrorAnnotation];
  if (mirror !== undefined && !pod.spec?.nodeName) {
    const text = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(invalidValue(`metadata.annotations[${mirrorAnnotation}]`, mirror, text));
  }
  const cost = annotations[deletionCostAnnotation];
  if (cost !== undefined && !/^(0|-?[1-9]\d{0,9})$/.test(cost)) {
    const field = `metadata.annotations[${deletionCostAnnotation}]`;
    errors.push(invalidValue(field, cost, 'must be a 32bit integer'));
  }
  const place = { spec: pod.spec ?? {}, field: 'metadata.annotations' };
  validateProfileAnnotations(annotations, place, errors);
}

function expectNoTokens(spec: Draft<PodSpec>, errors: FieldErrors): void {
  spec.volumes?.forEach((volume, index) => {
    volume.projected?.sources?.forEach((source, sourceIndex) => {
      if (!source.serviceAccountToken) return;
      const field = `spec.volumes[${index}].projected.sources[${sourceIndex}].serviceAccountToken`;
      const text = 'must not be specified when serviceAccountName is not set';
      errors.push(forbiddenField(field, text));
    });
  });
}
