import type { CertificateAuthorities, FrontProxy } from '@fairway/access';
import type { Clock } from '@fairway/host';
import { publicAddressProblem } from '@fairway/kind-rules';
import { type KubernetesObject, formatTime } from '@fairway/protocol';
import { defaultFlowSchemas, defaultPriorityLevels } from '../fairness/default-flow-control.ts';
import { danglingCondition } from '../fairness/dangling-condition.ts';
import { reconcileFlowControl } from '../fairness/reconcile-flow-control.ts';
import { firstServiceAddress } from '../allocators/address-range.ts';
import type { RbacObject } from './rbac-objects.ts';
import { reconcileRbac } from './reconcile-rbac.ts';

/** What the first objects depend on. */
export interface StartingPoint {
  readonly clock: Clock;
  readonly advertised: { readonly host: string; readonly port: number };
  readonly serviceClusterIpRange: string;
  readonly authorityCertificate?: string;
  /** Whose certificates count, where it is more than those of that authority. */
  readonly authentication?: {
    readonly clientAuthorities?: CertificateAuthorities;
    readonly frontProxy?: FrontProxy;
  };
  /** Beside those that every cluster starts with. */
  readonly ownRoles?: readonly RbacObject[];
}

/** An object that shall exist, and the resource that it is created in. */
export interface StartingObject {
  readonly plural: string;
  readonly object: KubernetesObject;
  /** Its status, which a controller would write; here this server does. */
  readonly status?: object;
  /**
   * What a stored one becomes; undefined: it stays as it is. Absent: all stay. Where the API refuses that,
   * `object` is made anew in its place.
   */
  readonly reconcile?: (stored: KubernetesObject) => KubernetesObject | undefined;
}

/**
 * What every cluster has from the start, in stages: a stage needs the ones before it.
 * Source: what a kube-apiserver 1.36 has created thirty seconds after its first start.
 */
export function startingObjects(
  point: StartingPoint,
  rbac: readonly RbacObject[],
): readonly (readonly StartingObject[])[] {
  return [
    [
      ...['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(namespace),
      serviceCidr(point),
    ],
    [
      ...rbac.map(rbacObject),
      ...(point.ownRoles ?? []).map(ownRole),
      ...priorityClasses,
      ...flowControl(point),
      clientAuthorities(point),
      legacyTokenTracking(point),
      kubernetesService(point),
    ],
    [kubernetesEndpoints(point), kubernetesEndpointSlice(point)],
  ];
}

/** Whatever it has become, it is made this again. */
function keptCurrent(starting: StartingObject): StartingObject {
  return { ...starting, reconcile: () => starting.object };
}

function namespace(name: string): StartingObject {
  return {
    plural: 'namespaces',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  };
}

function rbacObject(object: RbacObject): StartingObject {
  const reconcile = (stored: KubernetesObject): KubernetesObject | undefined =>
    reconcileRbac(object, stored);
  return { plural: pluralOf(object), object, reconcile };
}

/** What a cluster has of its own stays as it has become. */
function ownRole(object: RbacObject): StartingObject {
  return { plural: pluralOf(object), object };
}

function pluralOf({ kind }: RbacObject): string {
  return `${kind.toLowerCase()}s`;
}

const priorityClasses: readonly StartingObject[] = [
  priorityClass('system-node-critical', {
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  }),
  priorityClass('system-cluster-critical', {
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  }),
];

function priorityClass(
  name: string,
  { value, description }: { readonly value: number; readonly description: string },
): StartingObject {
  return startingObject('priorityclasses', {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    description,
  });
}

function flowControl({ clock }: StartingPoint): readonly StartingObject[] {
  const levels = defaultPriorityLevels.map((level) => ({
    ...startingObject('prioritylevelconfigurations', level),
    reconcile: (stored: KubernetesObject) => reconcileFlowControl(level, stored),
  }));
  const schemas = defaultFlowSchemas.map((schema) => ({
    ...startingObject('flowschemas', schema),
    status: {
      conditions: [danglingCondition(schema, { isDangling: false, nowMs: clock.now() })],
    },
    reconcile: (stored: KubernetesObject) => reconcileFlowControl(schema, stored),
  }));
  return [...levels, ...schemas];
}

/**
 * Extension servers and tools read from it whose certificates to trust, and whom to believe what they say
 * about who asks. Source: kube-apiserver, controller/clusterauthenticationtrust.
 */
function clientAuthorities({
  authorityCertificate,
  authentication,
}: StartingPoint): StartingObject {
  const { clientAuthorities: authorities, frontProxy } = authentication ?? {};
  const certificates = authorities?.pem ?? authorityCertificate;
  return keptCurrent(
    startingObject('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
      data: {
        ...(certificates === undefined ? {} : { 'client-ca-file': certificates }),
        ...(frontProxy === undefined ? {} : frontProxyData(frontProxy)),
      },
    }),
  );
}

function frontProxyData({
  authorities,
  allowedNames,
  identityHeaders: { username, uid, group, extraPrefixes },
}: FrontProxy): Readonly<Record<string, string>> {
  return {
    'requestheader-allowed-names': JSON.stringify(allowedNames),
    'requestheader-client-ca-file': authorities.pem,
    'requestheader-extra-headers-prefix': JSON.stringify(extraPrefixes.map(spelled)),
    'requestheader-group-headers': JSON.stringify(group.map(spelled)),
    ...(uid.length === 0 ? {} : { 'requestheader-uid-headers': JSON.stringify(uid.map(spelled)) }),
    'requestheader-username-headers': JSON.stringify(username.map(spelled)),
  };
}

/** `X-Remote-User`, as headers are usually spelled. */
function spelled(header: string): string {
  return header.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** Since when the uses of tokens in secrets are noted. Source: KEP-2799. */
function legacyTokenTracking({ clock }: StartingPoint): StartingObject {
  return startingObject('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'kube-apiserver-legacy-service-account-token-tracking',
      namespace: 'kube-system',
    },
    data: { since: formatTime(clock.now()).slice(0, 10) },
  });
}

function serviceCidr({ serviceClusterIpRange, clock }: StartingPoint): StartingObject {
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: '',
    message: 'Kubernetes default Service CIDR is ready',
    lastTransitionTime: formatTime(clock.now()),
  };
  return {
    ...startingObject('servicecidrs', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'kubernetes' },
      spec: { cidrs: [serviceClusterIpRange] },
    }),
    status: { conditions: [ready] },
  };
}

function kubernetesService({ advertised, serviceClusterIpRange }: StartingPoint): StartingObject {
  return startingObject('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: firstServiceAddress(serviceClusterIpRange),
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: advertised.port }],
    },
  });
}

function kubernetesEndpoints({ advertised }: StartingPoint): StartingObject {
  return keptCurrent(
    startingObject('endpoints', {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
      },
      subsets: reachable(advertised).map((ip) => ({
        addresses: [{ ip }],
        ports: [{ name: 'https', port: advertised.port, protocol: 'TCP' }],
      })),
    }),
  );
}

function kubernetesEndpointSlice({ advertised }: StartingPoint): StartingObject {
  return keptCurrent(
    startingObject('endpointslices', {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'kubernetes' },
      },
      addressType: advertised.host.includes(':') ? 'IPv6' : 'IPv4',
      endpoints: reachable(advertised).map((address) => ({
        addresses: [address],
        conditions: { ready: true },
      })),
      ports: [{ name: 'https', port: advertised.port, protocol: 'TCP' }],
    }),
  );
}

/** Endpoints hold only what others can reach: a server without a network has none. */
function reachable({ host }: StartingPoint['advertised']): readonly string[] {
  return publicAddressProblem(host) === undefined ? [host] : [];
}

function startingObject(plural: string, object: object): StartingObject {
  return { plural, object: object as KubernetesObject };
}
