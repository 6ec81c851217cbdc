import { type ProtobufField, ProtobufTable } from '@fairway/protocol';

/**
 * The messages of CRI as far as anything here says or asks it: of each field its number and its type.
 * Unsigned integers stand as signed ones, which below 2^63 are the same on the wire; enumerations as
 * the numbers that they are there.
 *
 * Source: Kubernetes, cri-api, runtime.v1 api.proto.
 */
export const criMessages = {
  VersionRequest: {},
  VersionResponse: { runtimeName: [2, 'string'], runtimeVersion: [3, 'string'] },
  StatusRequest: { verbose: [1, 'bool'] },
  StatusResponse: { status: [1, 'RuntimeStatus'], info: [2, 'map<string,string>'] },
  RuntimeStatus: { conditions: [1, 'repeated RuntimeCondition'] },
  RuntimeCondition: {
    type: [1, 'string'],
    status: [2, 'bool'],
    reason: [3, 'string'],
    message: [4, 'string'],
  },

  RunPodSandboxRequest: { config: [1, 'PodSandboxConfig'], runtimeHandler: [2, 'string'] },
  RunPodSandboxResponse: { podSandboxId: [1, 'string'] },
  StopPodSandboxRequest: { podSandboxId: [1, 'string'] },
  StopPodSandboxResponse: {},
  RemovePodSandboxRequest: { podSandboxId: [1, 'string'] },
  RemovePodSandboxResponse: {},
  PodSandboxStatusRequest: { podSandboxId: [1, 'string'], verbose: [2, 'bool'] },
  PodSandboxStatusResponse: { status: [1, 'PodSandboxStatus'], info: [2, 'map<string,string>'] },
  ListPodSandboxRequest: {},
  ListPodSandboxResponse: { items: [1, 'repeated PodSandbox'] },
  PodSandboxConfig: {
    metadata: [1, 'PodSandboxMetadata'],
    hostname: [2, 'string'],
    logDirectory: [3, 'string'],
    dnsConfig: [4, 'DNSConfig'],
    portMappings: [5, 'repeated PortMapping'],
    labels: [6, 'map<string,string>'],
    annotations: [7, 'map<string,string>'],
    linux: [8, 'LinuxPodSandboxConfig'],
  },
  PodSandboxMetadata: {
    name: [1, 'string'],
    uid: [2, 'string'],
    namespace: [3, 'string'],
    attempt: [4, 'int64'],
  },
  DNSConfig: {
    servers: [1, 'repeated string'],
    searches: [2, 'repeated string'],
    options: [3, 'repeated string'],
  },
  PortMapping: {
    protocol: [1, 'int32'],
    containerPort: [2, 'int32'],
    hostPort: [3, 'int32'],
    hostIp: [4, 'string'],
  },
  LinuxPodSandboxConfig: {
    cgroupParent: [1, 'string'],
    securityContext: [2, 'LinuxSandboxSecurityContext'],
    sysctls: [3, 'map<string,string>'],
    overhead: [4, 'LinuxContainerResources'],
  },
  LinuxSandboxSecurityContext: {
    namespaceOptions: [1, 'NamespaceOption'],
    runAsUser: [3, 'Int64Value'],
    readonlyRootfs: [4, 'bool'],
    supplementalGroups: [5, 'repeated int64'],
    privileged: [6, 'bool'],
    runAsGroup: [8, 'Int64Value'],
    seccomp: [9, 'SecurityProfile'],
    apparmor: [10, 'SecurityProfile'],
  },
  NamespaceOption: {
    network: [1, 'int32'],
    pid: [2, 'int32'],
    ipc: [3, 'int32'],
    targetId: [4, 'string'],
  },
  SecurityProfile: { profileType: [1, 'int32'], localhostRef: [2, 'string'] },
  Int64Value: { value: [1, 'int64'] },
  UInt64Value: { value: [1, 'int64'] },
  PodSandbox: {
    id: [1, 'string'],
    metadata: [2, 'PodSandboxMetadata'],
    state: [3, 'int32'],
    createdAt: [4, 'int64'],
    labels: [5, 'map<string,string>'],
    annotations: [6, 'map<string,string>'],
  },
  PodSandboxStatus: {
    id: [1, 'string'],
    metadata: [2, 'PodSandboxMetadata'],
    network: [5, 'PodSandboxNetworkStatus'],
  },
  PodSandboxNetworkStatus: { ip: [1, 'string'], additionalIps: [2, 'repeated PodIP'] },
  PodIP: { ip: [1, 'string'] },

  CreateContainerRequest: {
    podSandboxId: [1, 'string'],
    config: [2, 'ContainerConfig'],
    sandboxConfig: [3, 'PodSandboxConfig'],
  },
  CreateContainerResponse: { containerId: [1, 'string'] },
  StartContainerRequest: { containerId: [1, 'string'] },
  StartContainerResponse: {},
  StopContainerRequest: { containerId: [1, 'string'], timeout: [2, 'int64'] },
  StopContainerResponse: {},
  RemoveContainerRequest: { containerId: [1, 'string'] },
  RemoveContainerResponse: {},
  ListContainersRequest: { filter: [1, 'ContainerFilter'] },
  ContainerFilter: { id: [1, 'string'] },
  ListContainersResponse: { containers: [1, 'repeated Container'] },
  ContainerStatusRequest: { containerId: [1, 'string'] },
  ContainerStatusResponse: { status: [1, 'ContainerStatus'] },
  UpdateContainerResourcesRequest: {
    containerId: [1, 'string'],
    linux: [2, 'LinuxContainerResources'],
  },
  UpdateContainerResourcesResponse: {},
  ReopenContainerLogRequest: { containerId: [1, 'string'] },
  ReopenContainerLogResponse: {},
  ContainerConfig: {
    metadata: [1, 'ContainerMetadata'],
    image: [2, 'ImageSpec'],
    command: [3, 'repeated string'],
    args: [4, 'repeated string'],
    workingDir: [5, 'string'],
    envs: [6, 'repeated KeyValue'],
    mounts: [7, 'repeated Mount'],
    labels: [9, 'map<string,string>'],
    annotations: [10, 'map<string,string>'],
    logPath: [11, 'string'],
    stdin: [12, 'bool'],
    stdinOnce: [13, 'bool'],
    tty: [14, 'bool'],
    linux: [15, 'LinuxContainerConfig'],
  },
  ContainerMetadata: { name: [1, 'string'], attempt: [2, 'int64'] },
  KeyValue: { key: [1, 'string'], value: [2, 'string'] },
  Mount: {
    containerPath: [1, 'string'],
    hostPath: [2, 'string'],
    readonly: [3, 'bool'],
    propagation: [5, 'int32'],
  },
  LinuxContainerConfig: {
    resources: [1, 'LinuxContainerResources'],
    securityContext: [2, 'LinuxContainerSecurityContext'],
  },
  LinuxContainerResources: {
    cpuPeriod: [1, 'int64'],
    cpuQuota: [2, 'int64'],
    cpuShares: [3, 'int64'],
    memoryLimitInBytes: [4, 'int64'],
    oomScoreAdj: [5, 'int64'],
    hugepageLimits: [8, 'repeated HugepageLimit'],
  },
  HugepageLimit: { pageSize: [1, 'string'], limit: [2, 'int64'] },
  LinuxContainerSecurityContext: {
    capabilities: [1, 'Capability'],
    privileged: [2, 'bool'],
    namespaceOptions: [3, 'NamespaceOption'],
    runAsUser: [5, 'Int64Value'],
    runAsUsername: [6, 'string'],
    readonlyRootfs: [7, 'bool'],
    supplementalGroups: [8, 'repeated int64'],
    noNewPrivs: [11, 'bool'],
    runAsGroup: [12, 'Int64Value'],
    maskedPaths: [13, 'repeated string'],
    readonlyPaths: [14, 'repeated string'],
    seccomp: [15, 'SecurityProfile'],
    apparmor: [16, 'SecurityProfile'],
  },
  Capability: {
    addCapabilities: [1, 'repeated string'],
    dropCapabilities: [2, 'repeated string'],
  },
  Container: {
    id: [1, 'string'],
    podSandboxId: [2, 'string'],
    metadata: [3, 'ContainerMetadata'],
    state: [6, 'int32'],
    createdAt: [7, 'int64'],
  },
  ContainerStatus: {
    id: [1, 'string'],
    metadata: [2, 'ContainerMetadata'],
    state: [3, 'int32'],
    createdAt: [4, 'int64'],
    startedAt: [5, 'int64'],
    finishedAt: [6, 'int64'],
    exitCode: [7, 'int32'],
    image: [8, 'ImageSpec'],
    imageRef: [9, 'string'],
    reason: [10, 'string'],
    message: [11, 'string'],
    labels: [12, 'map<string,string>'],
    annotations: [13, 'map<string,string>'],
    logPath: [15, 'string'],
  },

  ExecSyncRequest: {
    containerId: [1, 'string'],
    cmd: [2, 'repeated string'],
    timeout: [3, 'int64'],
  },
  ExecSyncResponse: { stdout: [1, 'bytes'], stderr: [2, 'bytes'], exitCode: [3, 'int32'] },
  ExecRequest: {
    containerId: [1, 'string'],
    cmd: [2, 'repeated string'],
    tty: [3, 'bool'],
    stdin: [4, 'bool'],
    stdout: [5, 'bool'],
    stderr: [6, 'bool'],
  },
  ExecResponse: { url: [1, 'string'] },
  AttachRequest: {
    containerId: [1, 'string'],
    stdin: [2, 'bool'],
    tty: [3, 'bool'],
    stdout: [4, 'bool'],
    stderr: [5, 'bool'],
  },
  AttachResponse: { url: [1, 'string'] },
  PortForwardRequest: { podSandboxId: [1, 'string'], port: [2, 'repeated int32'] },
  PortForwardResponse: { url: [1, 'string'] },

  GetEventsRequest: {},
  ContainerEventResponse: { podSandboxStatus: [4, 'PodSandboxStatus'] },

  ListContainerStatsRequest: {},
  ListContainerStatsResponse: { stats: [1, 'repeated ContainerStats'] },
  ContainerStats: {
    attributes: [1, 'ContainerAttributes'],
    cpu: [2, 'CpuUsage'],
    memory: [3, 'MemoryUsage'],
    writableLayer: [4, 'FilesystemUsage'],
  },
  ContainerAttributes: { id: [1, 'string'], metadata: [2, 'ContainerMetadata'] },
  CpuUsage: { timestamp: [1, 'int64'], usageCoreNanoSeconds: [2, 'UInt64Value'] },
  MemoryUsage: {
    workingSetBytes: [2, 'UInt64Value'],
    usageBytes: [4, 'UInt64Value'],
    rssBytes: [5, 'UInt64Value'],
  },
  FilesystemUsage: {
    timestamp: [1, 'int64'],
    fsId: [2, 'FilesystemIdentifier'],
    usedBytes: [3, 'UInt64Value'],
    inodesUsed: [4, 'UInt64Value'],
  },
  FilesystemIdentifier: { mountpoint: [1, 'string'] },

  ListImagesRequest: {},
  ListImagesResponse: { images: [1, 'repeated Image'] },
  ImageStatusRequest: { image: [1, 'ImageSpec'] },
  ImageStatusResponse: { image: [1, 'Image'] },
  PullImageRequest: { image: [1, 'ImageSpec'], auth: [2, 'AuthConfig'] },
  PullImageResponse: { imageRef: [1, 'string'] },
  RemoveImageRequest: { image: [1, 'ImageSpec'] },
  RemoveImageResponse: {},
  ImageFsInfoRequest: {},
  ImageFsInfoResponse: { imageFilesystems: [1, 'repeated FilesystemUsage'] },
  ImageSpec: { image: [1, 'string'], userSpecifiedImage: [18, 'string'] },
  AuthConfig: { username: [1, 'string'], password: [2, 'string'] },
  Image: {
    id: [1, 'string'],
    repoTags: [2, 'repeated string'],
    repoDigests: [3, 'repeated string'],
    size: [4, 'int64'],
    uid: [5, 'Int64Value'],
    username: [6, 'string'],
    pinned: [8, 'bool'],
  },
} as const;

export type CriMessageName = keyof typeof criMessages;

/** A message as a value. What has the zero value of its type is absent when it is read. */
export type CriMessage<Name extends CriMessageName> = {
  readonly [
    Field in keyof (typeof criMessages)[Name]
  ]?: (typeof criMessages)[Name][Field] extends readonly [number, infer Type]
    ? FieldValue<Type>
    : never;
};

type FieldValue<Type> = Type extends `repeated ${infer Element}`
  ? readonly FieldValue<Element>[]
  : Type extends 'map<string,string>'
    ? Readonly<Record<string, string>>
    : Type extends keyof Scalars
      ? Scalars[Type]
      : Type extends CriMessageName
        ? CriMessage<Type>
        : never;

/** As the codec reads them: bytes in base64, and integers beyond 2^53 exactly. */
interface Scalars {
  readonly string: string;
  readonly bytes: string;
  readonly bool: boolean;
  readonly int32: number;
  readonly int64: number | bigint;
}

const packageName = 'runtime.v1';

/** The codecs of all messages. */
export function criTable(): ProtobufTable {
  const fields = new Map<string, readonly ProtobufField[]>(
    Object.entries(criMessages).map(([message, byName]) => [
      `${packageName}.${message}`,
      Object.entries(byName).map(([name, [number, type]]) => ({ name, number, type })),
    ]),
  );
  return new ProtobufTable({
    fieldsOf: (message) => fields.get(message),
    messageOf: () => undefined,
  });
}

/** `runtime.v1.Container`. */
export function fullName(message: CriMessageName): string {
  return `${packageName}.${message}`;
}
