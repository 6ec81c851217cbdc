import { absentCommands, registerAbsent } from './absent-commands.ts';
import type { Register } from './registration.ts';

/** One command of the first level. What it takes is loaded when somebody types it. */
export interface TabledCommand {
  readonly name: string;
  readonly description: string;
  /** Undefined: it is in no help, and is for programs. */
  readonly heading: Heading | undefined;
  readonly load: () => Promise<Register>;
}

/** What a command of the first level is for. */
export type Heading =
  | 'A cluster on this machine:'
  | 'What there is:'
  | 'Changing what there is:'
  | 'Ways in:'
  | 'Into pods:'
  | 'Who may what:'
  | 'For programs:';

/** Every command of the first level, in the order of the help. */
export const commandTable: readonly TabledCommand[] = [
  {
    name: 'up',
    description: 'boot a Kubernetes cluster on this machine',
    heading: 'A cluster on this machine:',
    load: async () => (await import('./up-command.ts')).registerUp,
  },
  {
    name: 'down',
    description: 'stop the cluster that `up` started',
    heading: 'A cluster on this machine:',
    load: async () => (await import('./down-command.ts')).registerDown,
  },
  {
    name: 'node',
    description: 'join a cluster as a node, and run its pods on this machine',
    heading: 'A cluster on this machine:',
    load: async () => (await import('./node-command.ts')).registerNode,
  },
  {
    name: 'token',
    description: 'make, list and delete tokens by which nodes join',
    heading: 'A cluster on this machine:',
    load: async () => (await import('./token-commands.ts')).registerToken,
  },
  {
    name: 'image',
    description: 'load images for pods without a registry',
    heading: 'A cluster on this machine:',
    load: async () => (await import('./image-commands.ts')).registerImage,
  },
  {
    name: 'store',
    description: 'check and repair what a stopped cluster has stored',
    heading: 'A cluster on this machine:',
    load: async () => (await import('./store-commands.ts')).registerStore,
  },
  {
    name: 'service-rules',
    description: 'print what a node gives to nftables for services and network policies',
    heading: 'A cluster on this machine:',
    load: async () => (await import('./service-rules-command.ts')).registerServiceRules,
  },
  {
    name: 'get',
    description: 'show objects',
    heading: 'What there is:',
    load: async () => (await import('./get-command.ts')).registerGet,
  },
  {
    name: 'describe',
    description: 'tell all about objects, and what has happened to them',
    heading: 'What there is:',
    load: async () => (await import('./describe-command.ts')).registerDescribe,
  },
  {
    name: 'wait',
    description: 'wait until objects are as wanted',
    heading: 'What there is:',
    load: async () => (await import('./workload-commands.ts')).registerWait,
  },
  {
    name: 'events',
    description: 'show what has happened, the latest last',
    heading: 'What there is:',
    load: async () => (await import('./events-command.ts')).registerEvents,
  },
  {
    name: 'top',
    description: 'show what nodes and pods use of processors and memory',
    heading: 'What there is:',
    load: async () => (await import('./top-commands.ts')).registerTop,
  },
  {
    name: 'explain',
    description: 'tell what a type is, and each of its fields',
    heading: 'What there is:',
    load: async () => (await import('./discovery-commands.ts')).registerExplain,
  },
  {
    name: 'api-resources',
    description: 'show what types the cluster has',
    heading: 'What there is:',
    load: async () => (await import('./discovery-commands.ts')).registerApiResources,
  },
  {
    name: 'api-versions',
    description: 'show what groups and versions the cluster has',
    heading: 'What there is:',
    load: async () => (await import('./discovery-commands.ts')).registerApiVersions,
  },
  {
    name: 'version',
    description: 'show the versions of this command and of the cluster',
    heading: 'What there is:',
    load: async () => (await import('./version-command.ts')).registerVersion,
  },
  {
    name: 'cluster-info',
    description: 'show where the control plane and its services are',
    heading: 'What there is:',
    load: async () => (await import('./cluster-info-command.ts')).registerClusterInfo,
  },
  {
    name: 'create',
    description: 'make objects of files, or of flags: a namespace, a secret, a token',
    heading: 'Changing what there is:',
    load: async () => (await import('./create-commands.ts')).registerCreate,
  },
  {
    name: 'apply',
    description: 'make what is there as files say it',
    heading: 'Changing what there is:',
    load: async () => (await import('./apply-commands.ts')).registerApply,
  },
  {
    name: 'diff',
    description: 'show what an apply would change: 1 where it would',
    heading: 'Changing what there is:',
    load: async () => (await import('./diff-command.ts')).registerDiff,
  },
  {
    name: 'edit',
    description: 'change objects in your editor',
    heading: 'Changing what there is:',
    load: async () => (await import('./edit-command.ts')).registerEdit,
  },
  {
    name: 'patch',
    description: 'change parts of objects',
    heading: 'Changing what there is:',
    load: async () => (await import('./change-commands.ts')).registerPatch,
  },
  {
    name: 'replace',
    description: 'put what files hold in the place of what is there',
    heading: 'Changing what there is:',
    load: async () => (await import('./change-commands.ts')).registerReplace,
  },
  {
    name: 'label',
    description: 'set and take away labels of objects',
    heading: 'Changing what there is:',
    load: async () => (await import('./change-commands.ts')).registerLabel,
  },
  {
    name: 'annotate',
    description: 'set and take away annotations of objects',
    heading: 'Changing what there is:',
    load: async () => (await import('./change-commands.ts')).registerAnnotate,
  },
  {
    name: 'delete',
    description: 'delete objects, and wait until they are gone',
    heading: 'Changing what there is:',
    load: async () => (await import('./delete-command.ts')).registerDelete,
  },
  {
    name: 'set',
    description: 'set images and variables of containers',
    heading: 'Changing what there is:',
    load: async () => (await import('./set-commands.ts')).registerSet,
  },
  {
    name: 'scale',
    description: 'set how many replicas there are',
    heading: 'Changing what there is:',
    load: async () => (await import('./workload-commands.ts')).registerScale,
  },
  {
    name: 'rollout',
    description: 'follow, look back at, undo and restart what becomes of workloads',
    heading: 'Changing what there is:',
    load: async () => (await import('./rollout-commands.ts')).registerRollout,
  },
  {
    name: 'cordon',
    description: 'let no more pods come to nodes',
    heading: 'Changing what there is:',
    load: async () => (await import('./node-upkeep-commands.ts')).registerCordon,
  },
  {
    name: 'uncordon',
    description: 'let pods come to nodes again',
    heading: 'Changing what there is:',
    load: async () => (await import('./node-upkeep-commands.ts')).registerUncordon,
  },
  {
    name: 'drain',
    description: 'take the pods off nodes, as far as disruption budgets allow',
    heading: 'Changing what there is:',
    load: async () => (await import('./node-upkeep-commands.ts')).registerDrain,
  },
  {
    name: 'taint',
    description: 'keep pods away from nodes that do not tolerate it',
    heading: 'Changing what there is:',
    load: async () => (await import('./node-upkeep-commands.ts')).registerTaint,
  },
  {
    name: 'certificate',
    description: 'approve and deny requests for certificates',
    heading: 'Changing what there is:',
    load: async () => (await import('./node-upkeep-commands.ts')).registerCertificate,
  },
  {
    name: 'logs',
    description: 'print the logs of containers, of many pods at once',
    heading: 'Into pods:',
    load: async () => (await import('./logs-command.ts')).registerLogs,
  },
  {
    name: 'exec',
    description: 'run a program in a container',
    heading: 'Into pods:',
    load: async () => (await import('./exec-command.ts')).registerExec,
  },
  {
    name: 'attach',
    description: 'connect to the program that a container was started with',
    heading: 'Into pods:',
    load: async () => (await import('./exec-command.ts')).registerAttach,
  },
  {
    name: 'port-forward',
    description: 'carry connections to local ports into a pod, and follow its workload',
    heading: 'Into pods:',
    load: async () => (await import('./port-forward-command.ts')).registerPortForward,
  },
  {
    name: 'cp',
    description: 'copy files and folders into containers, and out of them',
    heading: 'Into pods:',
    load: async () => (await import('./cp-command.ts')).registerCp,
  },
  {
    name: 'proxy',
    description: 'serve the API of a cluster in the clear on this machine',
    heading: 'Ways in:',
    load: async () => (await import('./proxy-command.ts')).registerProxy,
  },
  {
    name: 'open',
    description: 'show a service or a pod in the browser, at an origin of its own',
    heading: 'Ways in:',
    load: async () => (await import('./open-command.ts')).registerOpen,
  },
  {
    name: 'run',
    description: 'run a program on this machine as a service account, as if it were in the cluster',
    heading: 'Ways in:',
    load: async () => (await import('./run-command.ts')).registerRun,
  },
  {
    name: 'config',
    description: 'show and change kubeconfig files',
    heading: 'Ways in:',
    load: async () => (await import('./config-commands.ts')).registerConfig,
  },
  {
    name: 'doctor',
    description: 'say why you cannot get into a cluster, layer by layer, and what helps',
    heading: 'Ways in:',
    load: async () => (await import('./doctor-command.ts')).registerDoctor,
  },
  {
    name: 'auth',
    description: 'say who you are and what you may do, and change what roles grant',
    heading: 'Who may what:',
    load: async () => (await import('./auth-commands.ts')).registerAuth,
  },
  {
    name: 'who-can',
    description: 'say who may do something, and by which binding and role',
    heading: 'Who may what:',
    load: async () => (await import('./who-can-command.ts')).registerWhoCan,
  },
  {
    name: 'rbac',
    description: 'write the least roles that allow what somebody did',
    heading: 'Who may what:',
    load: async () => (await import('./rbac-commands.ts')).registerRbac,
  },
  {
    name: 'typegen',
    description: 'write TypeScript types for the custom resources of a cluster',
    heading: 'For programs:',
    load: async () => (await import('./typegen-command.ts')).registerTypegen,
  },
  {
    name: 'ambassador',
    description: 'serve the API in the clear to the other containers of a pod, as its sidecar',
    heading: 'For programs:',
    load: async () => (await import('./ambassador-command.ts')).registerAmbassador,
  },
  {
    name: 'envtest',
    description: 'write an etcd and a kube-apiserver for KUBEBUILDER_ASSETS, which run Fairway',
    heading: 'For programs:',
    load: async () => (await import('./envtest-command.ts')).registerEnvtest,
  },
  {
    name: 'etcd',
    description: 'stands in for etcd in a test environment: keeps nothing, answers /health',
    heading: undefined,
    load: async () => (await import('./etcd-command.ts')).registerEtcd,
  },
  {
    name: 'kube-apiserver',
    description: 'stands in for kube-apiserver in a test environment: the API, no controllers',
    heading: undefined,
    load: async () => (await import('./kube-apiserver-command.ts')).registerKubeApiserver,
  },
  ...absentCommands.map((absent): TabledCommand => ({
    name: absent.name,
    description: 'a command of kubectl that is not here',
    heading: undefined,
    load: async () => registerAbsent(absent),
  })),
];
