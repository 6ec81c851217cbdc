import { builtAdmissionPlugins } from './admission-plugins.ts';

/** On in a kube-apiserver unless it is told otherwise. Source: kube-apiserver 1.36, default plugins. */
const onByDefault = [
  'CertificateApproval',
  'CertificateSigning',
  'CertificateSubjectRestriction',
  'ClusterTrustBundleAttest',
  'DefaultIngressClass',
  'DefaultStorageClass',
  'DefaultTolerationSeconds',
  'LimitRanger',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionWebhook',
  'NamespaceLifecycle',
  'NodeDeclaredFeatureValidator',
  'PersistentVolumeClaimResize',
  'PodSecurity',
  'PodTopologyLabels',
  'Priority',
  'ResourceQuota',
  'RuntimeClass',
  'ServiceAccount',
  'StorageObjectInUseProtection',
  'TaintNodesByCondition',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
];

const offByDefault = [
  'AlwaysAdmit',
  'AlwaysDeny',
  'AlwaysPullImages',
  'DenyServiceExternalIPs',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'ImagePolicyWebhook',
  'LimitPodHardAntiAffinityTopology',
  'NamespaceAutoProvision',
  'NamespaceExists',
  'NodeRestriction',
  'OwnerReferencesPermissionEnforcement',
  'PodNodeSelector',
  'PodTolerationRestriction',
];

/** What `--enable-admission-plugins` and `--disable-admission-plugins` name. */
export interface AdmissionChoice {
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
}

/**
 * Reads names of admission plugins as a kube-apiserver 1.36 knows them.
 *
 * Shape: `missing` are those that were asked for, are on in every kube-apiserver and not built here:
 * the server is the same as without the wish.
 * Errors: `RangeError` for a name that does not exist, one that is both on and off, and one that is off in
 * a kube-apiserver by default and not built here.
 */
export function readAdmissionChoice(choice: AdmissionChoice): {
  readonly missing: readonly string[];
} {
  const { enabled, disabled } = choice;
  for (const name of [...enabled, ...disabled]) {
    if (onByDefault.includes(name) || offByDefault.includes(name)) continue;
    throw new RangeError(`there is no admission plugin ${JSON.stringify(name)}`);
  }
  const torn = enabled.find((name) => disabled.includes(name));
  if (torn !== undefined) throw new RangeError(`${torn} is to be both on and off`);
  const missing = enabled.filter((name) => !builtAdmissionPlugins.includes(name));
  const wanted = missing.find((name) => offByDefault.includes(name));
  if (wanted !== undefined) {
    const built = builtAdmissionPlugins.join(', ');
    throw new RangeError(`${wanted} is not built in Fairway, which has ${built}`);
  }
  return { missing };
}
