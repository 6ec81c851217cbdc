import type { Schema } from '@fairway/protocol';

type GoNames = { -readonly [K in 'goType' | 'embedded']?: Schema[K] };

/** What Go calls a definition, and which of its fields it keeps in a struct within. */
export function goNames(definition: string, fields: Iterable<string>): GoNames {
  const goType = definition.split('.').slice(-2).join('.');
  const embedding = embeddings.get(definition.replace(/^io\.k8s\.api\./, ''));
  if (embedding === undefined) return { goType };
  const { struct, isIn } = embedding;
  return { goType, embedded: new Map([...fields].filter(isIn).map((field) => [field, struct])) };
}

/** What Go calls a string of a few words, by struct and field; of others it says `string`. */
export const goStringTypes: ReadonlyMap<string, string> = new Map([
  ['v1.Container.imagePullPolicy', 'v1.PullPolicy'],
  ['v1.Container.restartPolicy', 'v1.ContainerRestartPolicy'],
  ['v1.Container.terminationMessagePolicy', 'v1.TerminationMessagePolicy'],
  ['v1.ContainerPort.protocol', 'v1.Protocol'],
  ['v1.DeploymentStrategy.type', 'v1.DeploymentStrategyType'],
  ['v1.NetworkPolicyPort.protocol', 'v1.Protocol'],
  ['v1.PersistentVolumeSpec.persistentVolumeReclaimPolicy', 'v1.PersistentVolumeReclaimPolicy'],
  ['v1.PodSpec.dnsPolicy', 'v1.DNSPolicy'],
  ['v1.PodSpec.preemptionPolicy', 'v1.PreemptionPolicy'],
  ['v1.PodSpec.restartPolicy', 'v1.RestartPolicy'],
  ['v1.Secret.type', 'v1.SecretType'],
  ['v1.ServicePort.protocol', 'v1.Protocol'],
  ['v1.ServiceSpec.externalTrafficPolicy', 'v1.ServiceExternalTrafficPolicy'],
  ['v1.ServiceSpec.internalTrafficPolicy', 'v1.ServiceInternalTrafficPolicy'],
  ['v1.ServiceSpec.ipFamilyPolicy', 'v1.IPFamilyPolicy'],
  ['v1.ServiceSpec.sessionAffinity', 'v1.ServiceAffinity'],
  ['v1.ServiceSpec.type', 'v1.ServiceType'],
  ['v1.Taint.effect', 'v1.TaintEffect'],
  ['v1.Toleration.effect', 'v1.TaintEffect'],
  ['v1.Toleration.operator', 'v1.TolerationOperator'],
]);

interface Embedding {
  readonly struct: string;
  readonly isIn: (field: string) => boolean;
}

function embeds(struct: string, ...fields: readonly string[]): Embedding {
  return { struct, isIn: (field) => fields.includes(field) };
}

function embedsAllBut(struct: string, ...own: readonly string[]): Embedding {
  return { struct, isIn: (field) => !own.includes(field) };
}

const reference = embeds('LocalObjectReference', 'name');
const device = embeds('DeviceConfiguration', 'opaque');

/** Source: the inline members of the Go types, which a protobuf field table tells. */
const embeddings: ReadonlyMap<string, Embedding> = new Map([
  [
    'admissionregistration.v1.NamedRuleWithOperations',
    embedsAllBut('RuleWithOperations.Rule', 'resourceNames', 'operations'),
  ],
  ['admissionregistration.v1.RuleWithOperations', embedsAllBut('Rule', 'operations')],
  ['core.v1.ConfigMapEnvSource', reference],
  ['core.v1.ConfigMapKeySelector', reference],
  ['core.v1.ConfigMapProjection', reference],
  ['core.v1.ConfigMapVolumeSource', reference],
  ['core.v1.EphemeralContainer', embedsAllBut('EphemeralContainerCommon', 'targetContainerName')],
  [
    'core.v1.PersistentVolumeSpec',
    embedsAllBut(
      'PersistentVolumeSource',
      'accessModes',
      'capacity',
      'claimRef',
      'mountOptions',
      'nodeAffinity',
      'volumeMode',
      'persistentVolumeReclaimPolicy',
      'storageClassName',
      'volumeAttributesClassName',
    ),
  ],
  ['core.v1.Probe', embeds('ProbeHandler', 'exec', 'grpc', 'httpGet', 'tcpSocket')],
  ['core.v1.SecretEnvSource', reference],
  ['core.v1.SecretKeySelector', reference],
  ['core.v1.SecretProjection', reference],
  ['core.v1.Volume', embedsAllBut('VolumeSource', 'name')],
  ['networking.v1.IngressRule', embeds('IngressRuleValue', 'http')],
  ['resource.v1.DeviceAllocationConfiguration', device],
  ['resource.v1.DeviceClaimConfiguration', device],
  ['resource.v1.DeviceClassConfiguration', device],
]);
