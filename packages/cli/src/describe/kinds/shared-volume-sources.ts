import { type Fact, type PersistentSource, type PodSource, sourceLines } from './source-lines.ts';

/** Sources that pods and persistent volumes have alike. */
export const sharedSources = {
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
  awsElasticBlockStore: (disk: PodSource<'awsElasticBlockStore'>) =>
    sourceLines('AWSElasticBlockStore (a Persistent Disk resource in AWS)', [
      ['VolumeID', disk.volumeID],
      ['FSType', disk.fsType],
      ['Partition', disk.partition, 0],
      ['ReadOnly', disk.readOnly, false],
    ]),
  nfs: ({ server, path, readOnly }: PodSource<'nfs'>) =>
    sourceLines('NFS (an NFS mount that lasts the lifetime of a pod)', [
      ['Server', server],
      ['Path', path],
      ['ReadOnly', readOnly, false],
    ]),
  quobyte: ({ registry, volume, readOnly }: PodSource<'quobyte'>) =>
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
  azureDisk: (disk: PodSource<'azureDisk'>) =>
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

/** What a source names its secret by. */
export interface Reference {
  readonly name?: string;
  readonly namespace?: string;
}

type SecretIn<Name extends 'cephfs' | 'cinder' | 'flexVolume' | 'iscsi' | 'rbd'> =
  | PodSource<Name>
  | PersistentSource<Name>;

/** Sources that differ in how they name their secret only. */
export const sourcesWithSecret = (secretOf: (reference: Reference | undefined) => string) => ({
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

export const azureFileType =
  'AzureFile (an Azure File Service mount on the host and bind mount to the pod)';
export const glusterfsType =
  "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)";
export const scaleIoType = 'ScaleIO (a persistent volume backed by a block device in ScaleIO)';
export const csiType = 'CSI (a Container Storage Interface (CSI) volume source)';

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

export function scaleIoFacts(volume: ScaleIo): readonly Fact[] {
  return [
    ['Gateway', volume.gateway],
    ['System', volume.system],
    ['Protection Domain', volume.protectionDomain],
    ['Storage Pool', volume.storagePool],
    ['Storage Mode', volume.storageMode],
    ['VolumeName', volume.volumeName],
  ];
}

export function scaleIoEnd({ fsType, readOnly }: ScaleIo): readonly Fact[] {
  return [
    ['FSType', fsType],
    ['ReadOnly', readOnly, false],
  ];
}

function mapText(map: Readonly<Record<string, string | undefined>> = {}): string {
  const keys = Object.keys(map).sort();
  return `map[${keys.map((key) => `${key}:${map[key] ?? ''}`).join(' ')}]`;
}
