import { type Shown, formatAmount } from '@fairway/kind-rules/shown';
import type {
  DownwardAPIVolumeSource,
  PersistentVolumeSpec,
  ProjectedVolumeSource,
  Volume,
} from '@fairway/kinds/core/v1';
import { parseQuantity } from '@fairway/protocol';
import { type Lines, field, indented, lines } from '../lines.ts';
import { shortened } from '../metadata-lines.ts';
import { claimTemplateLines } from './claim-lines.ts';

/** What is behind a volume of a pod; undefined when nobody knows. */
export function volumeSourceLines(volume: Shown<Volume>): Lines | undefined {
  for (const name of podOrder) {
    const source = volume[name];
    if (source !== undefined) return podSources[name](source as never);
  }
  return undefined;
}

/** The same for a persistent volume. */
export function persistentSourceLines(spec: Shown<PersistentVolumeSpec>): Lines | undefined {
  for (const name of persistentOrder) {
    const source = spec[name];
    if (source !== undefined) return persistentSources[name](source as never);
  }
  return undefined;
}

type Source<Holder, Name extends keyof Holder> = Shown<NonNullable<Holder[Name]>>;
type PodSource<Name extends keyof Volume> = Source<Volume, Name>;
type PersistentSource<Name extends keyof PersistentVolumeSpec> = Source<PersistentVolumeSpec, Name>;

/** A line, or one fact of a source and what is told where it does not say it. */
type Fact =
  | string
  | readonly [
      label: string,
      value: string | number | boolean | readonly string[] | undefined,
      absent?: string | number | boolean,
    ];

function sourceLines(type: string, facts: readonly Fact[]): Lines {
  const told = facts.map((fact) => {
    if (typeof fact === 'string') return fact;
    const [label, value, absent = ''] = fact;
    return field(label, Array.isArray(value) ? `[${value.join(' ')}]` : String(value ?? absent));
  });
  return [field('Type', type), ...told];
}

/** `&LocalObjectReference{Name:cred,}`: as Go prints what a reference points to. */
function referenceText(
  reference: { readonly name?: string; readonly namespace?: string } | undefined,
  type: 'LocalObjectReference' | 'SecretReference',
): string {
  if (reference === undefined) return 'nil';
  const place = type === 'SecretReference' ? `Namespace:${reference.namespace ?? ''},` : '';
  return `&${type}{Name:${reference.name ?? ''},${place}}`;
}

const localReference = (reference: { readonly name?: string } | undefined): string =>
  referenceText(reference, 'LocalObjectReference');
const secretReference = (
  reference: { readonly name?: string; readonly namespace?: string } | undefined,
): string => referenceText(reference, 'SecretReference');

type Disk = PodSource<'awsElasticBlockStore'>;
type Nfs = PodSource<'nfs'>;
type Quobyte = PodSource<'quobyte'>;
type AzureDisk = PodSource<'azureDisk'>;

/** Sources that pods and persistent volumes have alike. */
const sharedSources = {
  hostPath: ({ path, type }: PodSource<'hostPath'>) =>
    sourceLines('HostPath (bare host directory volume)', [
      ['Path', path],
      ['HostPathType', type, '<none>'],
    ]),
  gcePersistentDisk: (disk: PodSource<'gcePersistentDisk'>) =>
    sourceLines('GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)', [
      ['PDName', disk.pdName],
      ['FSType', disk.fsType],
      ['Partition', disk.partition, 0],
      ['ReadOnly', disk.readOnly, false],
    ]),
  awsElasticBlockStore: (disk: Disk) =>
    sourceLines('AWSElasticBlockStore (a Persistent Disk resource in AWS)', [
      ['VolumeID', disk.volumeID],
      ['FSType', disk.fsType],
      ['Partition', disk.partition, 0],
      ['ReadOnly', disk.readOnly, false],
    ]),
  nfs: ({ server, path, readOnly }: Nfs) =>
    sourceLines('NFS (an NFS mount that lasts the lifetime of a pod)', [
      ['Server', server],
      ['Path', path],
      ['ReadOnly', readOnly, false],
    ]),
  quobyte: ({ registry, volume, readOnly }: Quobyte) =>
    sourceLines("Quobyte (a Quobyte mount on the host that shares a pod's lifetime)", [
      ['Registry', registry],
      ['Volume', volume],
      ['ReadOnly', readOnly, false],
    ]),
  vsphereVolume: (volume: PodSource<'vsphereVolume'>) =>
    sourceLines('vSphereVolume (a Persistent Disk resource in vSphere)', [
      ['VolumePath', volume.volumePath],
      ['FSType', volume.fsType],
      ['StoragePolicyName', volume.storagePolicyName],
    ]),
  azureDisk: (disk: AzureDisk) =>
    sourceLines('AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)', [
      ['DiskName', disk.diskName],
      ['DiskURI', disk.diskURI],
      // With a blank that kubectl has too.
      `Kind: \t${disk.kind ?? ''}`,
      ['FSType', disk.fsType],
      ['CachingMode', disk.cachingMode],
      ['ReadOnly', disk.readOnly, false],
    ]),
  photonPersistentDisk: ({ pdID, fsType }: PodSource<'photonPersistentDisk'>) =>
    sourceLines('PhotonPersistentDisk (a Persistent Disk resource in photon platform)', [
      ['PdID', pdID],
      ['FSType', fsType],
    ]),
  portworxVolume: ({ volumeID }: PodSource<'portworxVolume'>) =>
    sourceLines('PortworxVolume (a Portworx Volume resource)', [['VolumeID', volumeID]]),
  fc: ({ targetWWNs = [], lun, fsType, readOnly }: PodSource<'fc'>) =>
    sourceLines('FC (a Fibre Channel disk)', [
      ['TargetWWNs', targetWWNs.join(', ')],
      ['LUN', lun, '<none>'],
      ['FSType', fsType],
      ['ReadOnly', readOnly, false],
    ]),
  flocker: ({ datasetName, datasetUUID }: PodSource<'flocker'>) =>
    sourceLines('Flocker (a Flocker volume mounted by the Flocker agent)', [
      ['DatasetName', datasetName],
      ['DatasetUUID', datasetUUID],
    ]),
  storageos: (volume: PodSource<'storageos'> | PersistentSource<'storageos'>) =>
    sourceLines('StorageOS (a StorageOS Persistent Disk resource)', [
      ['VolumeName', volume.volumeName],
      ['VolumeNamespace', volume.volumeNamespace],
      ['FSType', volume.fsType],
      ['ReadOnly', volume.readOnly, false],
    ]),
};

type SecretIn<Name extends 'cephfs' | 'cinder' | 'flexVolume' | 'iscsi' | 'rbd'> =
  | PodSource<Name>
  | PersistentSource<Name>;

/** Sources that differ in how they name their secret only. */
const sourcesWithSecret = (secretOf: typeof secretReference) => ({
  iscsi: (iscsi: SecretIn<'iscsi'>) =>
    sourceLines(
      "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
      [
        ['TargetPortal', iscsi.targetPortal],
        ['IQN', iscsi.iqn],
        ['Lun', iscsi.lun, 0],
        // Without a colon in kubectl too.
        `ISCSIInterface\t${iscsi.iscsiInterface ?? ''}`,
        ['FSType', iscsi.fsType],
        ['ReadOnly', iscsi.readOnly, false],
        ['Portals', iscsi.portals ?? []],
        ['DiscoveryCHAPAuth', iscsi.chapAuthDiscovery, false],
        ['SessionCHAPAuth', iscsi.chapAuthSession, false],
        ['SecretRef', secretOf(iscsi.secretRef)],
        ['InitiatorName', iscsi.initiatorName, '<none>'],
      ],
    ),
  rbd: (rbd: SecretIn<'rbd'>) =>
    sourceLines("RBD (a Rados Block Device mount on the host that shares a pod's lifetime)", [
      ['CephMonitors', rbd.monitors ?? []],
      ['RBDImage', rbd.image],
      ['FSType', rbd.fsType],
      ['RBDPool', rbd.pool],
      ['RadosUser', rbd.user],
      ['Keyring', rbd.keyring],
      ['SecretRef', secretOf(rbd.secretRef)],
      ['ReadOnly', rbd.readOnly, false],
    ]),
  cinder: (cinder: SecretIn<'cinder'>) =>
    sourceLines('Cinder (a Persistent Disk resource in OpenStack)', [
      ['VolumeID', cinder.volumeID],
      ['FSType', cinder.fsType],
      ['ReadOnly', cinder.readOnly, false],
      ['SecretRef', secretOf(cinder.secretRef)],
    ]),
  cephfs: (cephfs: SecretIn<'cephfs'>) =>
    sourceLines("CephFS (a CephFS mount on the host that shares a pod's lifetime)", [
      ['Monitors', cephfs.monitors ?? []],
      ['Path', cephfs.path],
      ['User', cephfs.user],
      ['SecretFile', cephfs.secretFile],
      ['SecretRef', secretOf(cephfs.secretRef)],
      ['ReadOnly', cephfs.readOnly, false],
    ]),
  flexVolume: (flex: SecretIn<'flexVolume'>) =>
    sourceLines(
      'FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)',
      [
        ['Driver', flex.driver],
        ['FSType', flex.fsType],
        ['SecretRef', secretOf(flex.secretRef)],
        ['ReadOnly', flex.readOnly, false],
        ['Options', mapText(flex.options)],
      ],
    ),
});

const azureFileType =
  'AzureFile (an Azure File Service mount on the host and bind mount to the pod)';
const glusterfsType = "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)";
const scaleIoType = 'ScaleIO (a persistent volume backed by a block device in ScaleIO)';
const csiType = 'CSI (a Container Storage Interface (CSI) volume source)';

const podSources = {
  ...sharedSources,
  ...sourcesWithSecret(localReference),
  emptyDir: ({ medium, sizeLimit }: PodSource<'emptyDir'>) =>
    sourceLines("EmptyDir (a temporary directory that shares a pod's lifetime)", [
      ['Medium', medium],
      ['SizeLimit', sizeText(sizeLimit)],
    ]),
  gitRepo: ({ repository, revision }: PodSource<'gitRepo'>) =>
    sourceLines('GitRepo (a volume that is pulled from git when the pod is created)', [
      ['Repository', repository],
      ['Revision', revision],
    ]),
  secret: ({ secretName, optional }: PodSource<'secret'>) =>
    sourceLines('Secret (a volume populated by a Secret)', [
      ['SecretName', secretName],
      ['Optional', optional, false],
    ]),
  configMap: ({ name, optional }: PodSource<'configMap'>) =>
    sourceLines('ConfigMap (a volume populated by a ConfigMap)', [
      ['Name', name],
      ['Optional', optional, false],
    ]),
  glusterfs: ({ endpoints, path, readOnly }: PodSource<'glusterfs'>) =>
    sourceLines(glusterfsType, [
      ['EndpointsName', endpoints],
      ['Path', path],
      ['ReadOnly', readOnly, false],
    ]),
  persistentVolumeClaim: ({ claimName, readOnly }: PodSource<'persistentVolumeClaim'>) =>
    sourceLines(
      'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      [
        ['ClaimName', claimName],
        ['ReadOnly', readOnly, false],
      ],
    ),
  ephemeral: ({ volumeClaimTemplate }: PodSource<'ephemeral'>) =>
    lines(
      sourceLines(
        'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)',
        [],
      ),
      volumeClaimTemplate && claimTemplateLines(volumeClaimTemplate),
    ),
  downwardAPI: ({ items = [] }: Shown<DownwardAPIVolumeSource>) => [
    ...sourceLines('DownwardAPI (a volume populated by information about the pod)', []),
    'Items:',
    ...indented(
      items.map(({ fieldRef, resourceFieldRef, path }) => {
        return `${fieldRef?.fieldPath ?? resourceFieldRef?.resource ?? ''} -> ${path ?? ''}`;
      }),
    ),
  ],
  scaleIO: (volume: PodSource<'scaleIO'>) =>
    sourceLines(scaleIoType, [...scaleIoFacts(volume), ...scaleIoEnd(volume)]),
  azureFile: ({ secretName, shareName, readOnly }: PodSource<'azureFile'>) =>
    sourceLines(azureFileType, [
      ['SecretName', secretName],
      ['ShareName', shareName],
      ['ReadOnly', readOnly, false],
    ]),
  projected: ({ sources = [] }: Shown<ProjectedVolumeSource>) => [
    ...sourceLines('Projected (a volume that contains injected data from multiple sources)', []),
    ...sources.flatMap(projectedLines),
  ],
  csi: ({ driver, fsType, readOnly, volumeAttributes }: PodSource<'csi'>) => [
    ...sourceLines(csiType, [
      ['Driver', driver],
      ['FSType', fsType],
      ['ReadOnly', readOnly, false],
    ]),
    ...attributeLines(volumeAttributes),
  ],
  image: ({ reference, pullPolicy }: PodSource<'image'>) =>
    sourceLines('Image (a container image or OCI artifact)', [
      ['Reference', reference],
      ['PullPolicy', pullPolicy],
    ]),
};

const persistentSources = {
  ...sharedSources,
  ...sourcesWithSecret(secretReference),
  glusterfs: (volume: PersistentSource<'glusterfs'>) =>
    sourceLines(glusterfsType, [
      ['EndpointsName', volume.endpoints],
      ['EndpointsNamespace', volume.endpointsNamespace, '<unset>'],
      ['Path', volume.path],
      ['ReadOnly', volume.readOnly, false],
    ]),
  scaleIO: (volume: PersistentSource<'scaleIO'>) =>
    sourceLines(scaleIoType, [
      ...scaleIoFacts(volume),
      ['SecretName', volume.secretRef?.name],
      ['SecretNamespace', volume.secretRef?.namespace],
      ...scaleIoEnd(volume),
    ]),
  local: ({ path }: PersistentSource<'local'>) =>
    sourceLines('LocalVolume (a persistent volume backed by local storage on a node)', [
      ['Path', path],
    ]),
  azureFile: (file: PersistentSource<'azureFile'>) =>
    sourceLines(azureFileType, [
      ['SecretName', file.secretName],
      ['SecretNamespace', file.secretNamespace],
      ['ShareName', file.shareName],
      ['ReadOnly', file.readOnly, false],
    ]),
  csi: (csi: PersistentSource<'csi'>) => [
    ...sourceLines(csiType, [
      ['Driver', csi.driver],
      ['FSType', csi.fsType],
      ['VolumeHandle', csi.volumeHandle],
      ['ReadOnly', csi.readOnly, false],
    ]),
    ...attributeLines(csi.volumeAttributes),
  ],
};

const podOrder = Object.keys(podSources) as (keyof typeof podSources)[];
const persistentOrder = Object.keys(persistentSources) as (keyof typeof persistentSources)[];

type ScaleIo = Pick<
  PersistentSource<'scaleIO'>,
  | 'fsType'
  | 'gateway'
  | 'protectionDomain'
  | 'readOnly'
  | 'storageMode'
  | 'storagePool'
  | 'system'
  | 'volumeName'
>;

function scaleIoFacts(volume: ScaleIo): readonly Fact[] {
  return [
    ['Gateway', volume.gateway],
    ['System', volume.system],
    ['Protection Domain', volume.protectionDomain],
    ['Storage Pool', volume.storagePool],
    ['Storage Mode', volume.storageMode],
    ['VolumeName', volume.volumeName],
  ];
}

function scaleIoEnd({ fsType, readOnly }: ScaleIo): readonly Fact[] {
  return [
    ['FSType', fsType],
    ['ReadOnly', readOnly, false],
  ];
}

type ProjectedSource = NonNullable<Shown<ProjectedVolumeSource>['sources']>[number];

function projectedLines(source: ProjectedSource): Lines {
  const { secret, downwardAPI, configMap, serviceAccountToken } = source;
  if (secret !== undefined) {
    return [field('SecretName', secret.name ?? ''), field('Optional', secret.optional ?? false)];
  }
  if (downwardAPI !== undefined) return [field('DownwardAPI', true)];
  if (configMap !== undefined) {
    const { name = '', optional = false } = configMap;
    return [field('ConfigMapName', name), field('Optional', optional)];
  }
  if (serviceAccountToken === undefined) return [];
  return [field('TokenExpirationSeconds', serviceAccountToken.expirationSeconds ?? 0)];
}

/** They are indented once more where they stand, as kubectl has it. */
function attributeLines(attributes: Readonly<Record<string, string | undefined>> = {}): Lines {
  const texts = Object.keys(attributes)
    .sort()
    .map((key) => `    ${shortened(`${key}=${attributes[key] ?? ''}`, 140)}`);
  const [first = '<none>', ...more] = texts;
  return [field('VolumeAttributes', first), ...more.map((text) => `    \t${text}`)];
}

function sizeText(size: string | number | undefined): string {
  const amount = size === undefined ? undefined : parseQuantity(String(size));
  return amount === undefined || amount.nanos <= 0n ? '<unset>' : formatAmount(String(size));
}

function mapText(map: Readonly<Record<string, string | undefined>> = {}): string {
  const keys = Object.keys(map).sort();
  return `map[${keys.map((key) => `${key}:${map[key] ?? ''}`).join(' ')}]`;
}
