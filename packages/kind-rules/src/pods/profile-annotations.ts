/** Annotations that named profiles of a pod before there were fields; those of containers end with its name. */
export const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
export const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';
export const appArmorOfContainer = 'container.apparmor.security.beta.kubernetes.io/';

/** What callers are told who still use one for AppArmor. */
export const appArmorDeprecation =
  'deprecated since v1.30; use the "appArmorProfile" field instead';
