import type { Command } from 'commander';
import type { Generator } from '../generators/generator.ts';
import { append, appendNames } from '../flag-values.ts';

/** A kind of object that `create` makes of flags. */
export interface TabledGenerator {
  /** `secret generic` */
  readonly command: string;
  readonly alias?: string;
  readonly description: string;
  readonly addFlags: (command: Command) => Command;
  readonly load: () => Promise<Generator<never>>;
}

/** Every kind of object that `create` makes of flags. */
export const createGenerators: readonly TabledGenerator[] = [
  {
    command: 'namespace',
    alias: 'ns',
    description: 'make a namespace',
    addFlags: noFlags,
    load: async () => (await import('../generators/policies.ts')).namespace,
  },
  {
    command: 'configmap',
    alias: 'cm',
    description: 'make a config map of files and texts',
    addFlags: addDataFlags,
    load: async () => (await import('../generators/config-objects.ts')).configMap,
  },
  {
    command: 'secret generic',
    description: 'of files and texts',
    addFlags: (command) => addDataFlags(command).option('--type <type>', 'its type'),
    load: async () => (await import('../generators/config-objects.ts')).genericSecret,
  },
  {
    command: 'secret docker-registry',
    description: 'by which nodes get images',
    addFlags: (command) =>
      addHashFlag(command)
        .option('--docker-server <url>', 'the registry', 'https://index.docker.io/v1/')
        .option('--docker-username <name>', 'who asks it')
        .option('--docker-password <password>', 'and the password')
        .option('--docker-email <address>', 'of the user')
        .option('--from-file <file>', 'a config.json of docker in place of these', append),
    load: async () => (await import('../generators/config-objects.ts')).registrySecret,
  },
  {
    command: 'secret tls',
    description: 'of a certificate and its key',
    addFlags: (command) =>
      addHashFlag(command)
        .option('--cert <file>', 'the certificate in PEM')
        .option('--key <file>', 'its private key in PEM'),
    load: async () => (await import('../generators/config-objects.ts')).tlsSecret,
  },
  {
    command: 'deployment',
    alias: 'deploy',
    description: 'make a deployment of an image',
    addFlags: (command) =>
      command
        .option('--image <image>', 'what it runs (repeatable)', append)
        .option('-r, --replicas <number>', 'how many pods', '1')
        .option('--port <port>', 'where its containers listen'),
    load: async () => (await import('../generators/workloads.ts')).deployment,
  },
  {
    command: 'job',
    description: 'make a job of an image, or as a cron job has it',
    addFlags: (command) =>
      command
        .option('--image <image>', 'what it runs')
        .option('--from <resource>', 'cronjob/NAME: run it now'),
    load: async () => (await import('../generators/workloads.ts')).job,
  },
  {
    command: 'cronjob',
    alias: 'cj',
    description: 'make a cron job of an image',
    addFlags: (command) =>
      command
        .option('--image <image>', 'what it runs')
        .option('--schedule <schedule>', 'when: "*/5 * * * *"')
        .option('--restart <policy>', 'OnFailure or Never', ''),
    load: async () => (await import('../generators/workloads.ts')).cronJob,
  },
  {
    command: 'service clusterip',
    description: 'with an address of the cluster',
    addFlags: (command) =>
      addPortFlag(command).option('--clusterip <address>', 'its address; None for none'),
    load: async () => (await import('../generators/services.ts')).clusterIpService,
  },
  {
    command: 'service nodeport',
    description: 'at a port of every node',
    addFlags: (command) =>
      addPortFlag(command).option('--node-port <port>', 'which port of the nodes'),
    load: async () => (await import('../generators/services.ts')).nodePortService,
  },
  {
    command: 'service loadbalancer',
    description: 'behind a load balancer',
    addFlags: addPortFlag,
    load: async () => (await import('../generators/services.ts')).loadBalancerService,
  },
  {
    command: 'service externalname',
    description: 'a name that leads to another one',
    addFlags: (command) =>
      addPortFlag(command).option('--external-name <name>', 'the name that it leads to'),
    load: async () => (await import('../generators/services.ts')).externalNameService,
  },
  {
    command: 'serviceaccount',
    alias: 'sa',
    description: 'make a service account',
    addFlags: noFlags,
    load: async () => (await import('../generators/policies.ts')).serviceAccount,
  },
  {
    command: 'role',
    description: 'make a role',
    addFlags: addRuleFlags,
    load: async () => (await import('../generators/roles.ts')).role,
  },
  {
    command: 'clusterrole',
    description: 'make a cluster role',
    addFlags: (command) =>
      addRuleFlags(command)
        .option('--non-resource-url <url>', 'a path: /healthz, /logs/*', appendNames)
        .option('--aggregation-rule <labels>', 'what cluster roles with these labels grant'),
    load: async () => (await import('../generators/roles.ts')).clusterRole,
  },
  {
    command: 'rolebinding',
    description: 'grant a role in a namespace',
    addFlags: (command) =>
      addSubjectFlags(command.option('--role <name>', 'the role of the namespace')),
    load: async () => (await import('../generators/roles.ts')).roleBinding,
  },
  {
    command: 'clusterrolebinding',
    description: 'grant a cluster role everywhere',
    addFlags: addSubjectFlags,
    load: async () => (await import('../generators/roles.ts')).clusterRoleBinding,
  },
  {
    command: 'quota',
    alias: 'resourcequota',
    description: 'make a resource quota',
    addFlags: (command) =>
      command
        .option('--hard <limits>', 'cpu=1,memory=1G,pods=2')
        .option('--scopes <names>', 'what it counts: BestEffort,Terminating'),
    load: async () => (await import('../generators/policies.ts')).resourceQuota,
  },
  {
    command: 'ingress',
    alias: 'ing',
    description: 'make an ingress',
    addFlags: (command) =>
      command
        .option('--rule <rule>', 'HOST/PATH=SERVICE:PORT[,tls[=SECRET]] (repeatable)', append)
        .option('--class <name>', 'who serves it')
        .option('--annotation <annotation>', 'KEY=VALUE (repeatable)', append)
        .option('--default-backend <backend>', 'SERVICE:PORT for all else'),
    load: async () => (await import('../generators/ingress.ts')).ingress,
  },
  {
    command: 'poddisruptionbudget',
    alias: 'pdb',
    description: 'make a pod disruption budget',
    addFlags: (command) =>
      command
        .option('--selector <selector>', 'for which pods')
        .option('--min-available <number>', 'how many stay: 2, or 50%')
        .option('--max-unavailable <number>', 'how many may go: 1, or 50%'),
    load: async () => (await import('../generators/policies.ts')).podDisruptionBudget,
  },
  {
    command: 'priorityclass',
    alias: 'pc',
    description: 'make a priority class',
    addFlags: (command) =>
      command
        .option('--value <number>', 'the priority', '0')
        .option('--global-default', 'for pods that name none')
        .option('--description <text>', 'when to use it')
        .option('--preemption-policy <policy>', 'or Never', 'PreemptLowerPriority'),
    load: async () => (await import('../generators/policies.ts')).priorityClass,
  },
];

function noFlags(command: Command): Command {
  return command;
}

function addHashFlag(command: Command): Command {
  return command.option('--append-hash', 'a hash of its content at the end of its name');
}

function addDataFlags(command: Command): Command {
  return addHashFlag(command)
    .option('--from-file <file>', 'FILE, KEY=FILE or a folder (repeatable)', appendNames)
    .option('--from-literal <text>', 'KEY=VALUE (repeatable)', append)
    .option('--from-env-file <file>', 'lines of KEY=VALUE (repeatable)', appendNames);
}

function addPortFlag(command: Command): Command {
  return command.option('--tcp <port>', 'PORT or PORT:TARGET (repeatable)', appendNames);
}

function addRuleFlags(command: Command): Command {
  return command
    .option('--verb <verbs>', 'get,list,watch, or * (repeatable)', appendNames)
    .option('--resource <types>', 'pods,deployments.apps,pods/log (repeatable)', appendNames)
    .option('--resource-name <name>', 'only this one (repeatable)', append);
}

function addSubjectFlags(command: Command): Command {
  return command
    .option('--clusterrole <name>', 'the cluster role')
    .option('--user <name>', 'a user (repeatable)', append)
    .option('--group <name>', 'a group (repeatable)', append)
    .option('--serviceaccount <account>', 'NAMESPACE:NAME (repeatable)', append);
}
