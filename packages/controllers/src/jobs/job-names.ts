/** Keeps a pod until its job has counted it. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

/** Annotation and label of a pod of an indexed job: which of its indexes it works on. */
export const indexKey = 'batch.kubernetes.io/job-completion-index';

/** Annotations of a pod: how often its index has failed before, as the failure policy counts, and beside that. */
export const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';
export const ignoredFailureCountKey = 'batch.kubernetes.io/job-index-ignored-failure-count';
