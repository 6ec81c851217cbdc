/**
 * The roles and bindings that every cluster starts with, as plain data. Lists are words with spaces
 * between them; `core` stands for the API group without a name. `bootstrapRbacObjects` makes
 * objects of them.
 *
 * Source: Kubernetes 1.36, default roles and role bindings.
 */
export interface RoleRow {
  readonly namespace?: string;
  readonly name: string;
  /** The role that takes over these rules: `admin`, `edit` or `view`. */
  readonly aggregatesTo?: string;
  /** Takes the rules of all roles that aggregate to it. */
  readonly aggregatesFrom?: string;
  readonly rules?: readonly RuleRow[];
}

export interface RuleRow {
  readonly apiGroups?: string;
  readonly resources?: string;
  readonly resourceNames?: string;
  readonly nonResourceURLs?: string;
  readonly verbs: string;
}

export interface BindingRow {
  readonly namespace?: string;
  readonly name: string;
  /** Absent when the role has the binding's name. */
  readonly role?: string;
  /** `Group name`, `User name` or `ServiceAccount namespace/name`. */
  readonly subjects: readonly string[];
}

export const clusterRoles: readonly RoleRow[] = [
  { name: 'admin', aggregatesFrom: 'admin' },
  {
    name: 'cluster-admin',
    rules: [
      { apiGroups: '*', resources: '*', verbs: '*' },
      { nonResourceURLs: '*', verbs: '*' },
    ],
  },
  { name: 'edit', aggregatesTo: 'admin', aggregatesFrom: 'edit' },
  {
    name: 'system:aggregate-to-admin',
    aggregatesTo: 'admin',
    rules: [
      {
        apiGroups: 'authorization.k8s.io',
        resources: 'localsubjectaccessreviews',
        verbs: 'create',
      },
      {
        apiGroups: 'rbac.authorization.k8s.io',
        resources: 'rolebindings roles',
        verbs: 'create delete deletecollection get list patch update watch',
      },
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    aggregatesTo: 'edit',
    rules: [
      {
        apiGroups: 'core',
        resources: 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy',
        verbs: 'get list watch',
      },
      { apiGroups: 'core', resources: 'serviceaccounts', verbs: 'impersonate' },
      {
        apiGroups: 'core',
        resources: 'pods pods/attach pods/exec pods/portforward pods/proxy',
        verbs: 'create delete deletecollection patch update',
      },
      { apiGroups: 'core', resources: 'pods/eviction', verbs: 'create' },
      {
        apiGroups: 'core',
        resources:
          'configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
        verbs: 'create delete deletecollection patch update',
      },
      { apiGroups: 'core', resources: 'serviceaccounts/token', verbs: 'create' },
      {
        apiGroups: 'core events.k8s.io',
        resources: 'events',
        verbs: 'create delete deletecollection patch update',
      },
      {
        apiGroups: 'apps',
        resources:
          'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
        verbs: 'create delete deletecollection patch update',
      },
      {
        apiGroups: 'autoscaling',
        resources: 'horizontalpodautoscalers',
        verbs: 'create delete deletecollection patch update',
      },
      {
        apiGroups: 'batch',
        resources: 'cronjobs jobs',
        verbs: 'create delete deletecollection patch update',
      },
      {
        apiGroups: 'extensions',
        resources:
          'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
        verbs: 'create delete deletecollection patch update',
      },
      {
        apiGroups: 'policy',
        resources: 'poddisruptionbudgets',
        verbs: 'create delete deletecollection patch update',
      },
      {
        apiGroups: 'networking.k8s.io',
        resources: 'ingresses networkpolicies',
        verbs: 'create delete deletecollection patch update',
      },
      {
        apiGroups: 'coordination.k8s.io',
        resources: 'leases',
        verbs: 'create delete deletecollection get list patch update watch',
      },
      {
        apiGroups: 'resource.k8s.io',
        resources: 'resourceclaims resourceclaimtemplates',
        verbs: 'create delete deletecollection patch update',
      },
    ],
  },
  {
    name: 'system:aggregate-to-view',
    aggregatesTo: 'view',
    rules: [
      {
        apiGroups: 'core',
        resources:
          'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
        verbs: 'get list watch',
      },
      {
        apiGroups: 'core',
        resources:
          'bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
        verbs: 'get list watch',
      },
      { apiGroups: 'core', resources: 'namespaces', verbs: 'get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'get list watch' },
      { apiGroups: 'discovery.k8s.io', resources: 'endpointslices', verbs: 'get list watch' },
      {
        apiGroups: 'apps',
        resources:
          'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
        verbs: 'get list watch',
      },
      {
        apiGroups: 'autoscaling',
        resources: 'horizontalpodautoscalers horizontalpodautoscalers/status',
        verbs: 'get list watch',
      },
      {
        apiGroups: 'batch',
        resources: 'cronjobs cronjobs/status jobs jobs/status',
        verbs: 'get list watch',
      },
      {
        apiGroups: 'extensions',
        resources:
          'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
        verbs: 'get list watch',
      },
      {
        apiGroups: 'policy',
        resources: 'poddisruptionbudgets poddisruptionbudgets/status',
        verbs: 'get list watch',
      },
      {
        apiGroups: 'networking.k8s.io',
        resources: 'ingresses ingresses/status networkpolicies',
        verbs: 'get list watch',
      },
      {
        apiGroups: 'resource.k8s.io',
        resources: 'resourceclaims resourceclaims/status resourceclaimtemplates',
        verbs: 'get list watch',
      },
    ],
  },
  {
    name: 'system:auth-delegator',
    rules: [
      { apiGroups: 'authentication.k8s.io', resources: 'tokenreviews', verbs: 'create' },
      { apiGroups: 'authorization.k8s.io', resources: 'subjectaccessreviews', verbs: 'create' },
    ],
  },
  {
    name: 'system:basic-user',
    rules: [
      {
        apiGroups: 'authorization.k8s.io',
        resources: 'selfsubjectaccessreviews selfsubjectrulesreviews',
        verbs: 'create',
      },
      { apiGroups: 'authentication.k8s.io', resources: 'selfsubjectreviews', verbs: 'create' },
    ],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    rules: [
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'certificatesigningrequests/nodeclient',
        verbs: 'create',
      },
    ],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    rules: [
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'certificatesigningrequests/selfnodeclient',
        verbs: 'create',
      },
    ],
  },
  {
    name: 'system:certificates.k8s.io:kube-apiserver-client-approver',
    rules: [
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'signers',
        resourceNames: 'kubernetes.io/kube-apiserver-client',
        verbs: 'approve',
      },
    ],
  },
  {
    name: 'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver',
    rules: [
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'signers',
        resourceNames: 'kubernetes.io/kube-apiserver-client-kubelet',
        verbs: 'approve',
      },
    ],
  },
  {
    name: 'system:certificates.k8s.io:kubelet-serving-approver',
    rules: [
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'signers',
        resourceNames: 'kubernetes.io/kubelet-serving',
        verbs: 'approve',
      },
    ],
  },
  {
    name: 'system:certificates.k8s.io:legacy-unknown-approver',
    rules: [
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'signers',
        resourceNames: 'kubernetes.io/legacy-unknown',
        verbs: 'approve',
      },
    ],
  },
  {
    name: 'system:controller:attachdetach-controller',
    rules: [
      {
        apiGroups: 'core',
        resources: 'persistentvolumeclaims persistentvolumes',
        verbs: 'list watch',
      },
      { apiGroups: 'core', resources: 'nodes', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'nodes/status', verbs: 'patch update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
      {
        apiGroups: 'storage.k8s.io',
        resources: 'volumeattachments',
        verbs: 'create delete get list watch',
      },
      { apiGroups: 'storage.k8s.io', resources: 'csidrivers', verbs: 'get list watch' },
      { apiGroups: 'storage.k8s.io', resources: 'csinodes', verbs: 'get list watch' },
    ],
  },
  {
    name: 'system:controller:certificate-controller',
    rules: [
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'certificatesigningrequests',
        verbs: 'delete get list watch',
      },
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'certificatesigningrequests/approval certificatesigningrequests/status',
        verbs: 'update',
      },
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'signers',
        resourceNames: 'kubernetes.io/kube-apiserver-client-kubelet',
        verbs: 'approve',
      },
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'signers',
        resourceNames:
          'kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown',
        verbs: 'sign',
      },
      { apiGroups: 'authorization.k8s.io', resources: 'subjectaccessreviews', verbs: 'create' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:clusterrole-aggregation-controller',
    rules: [
      {
        apiGroups: 'rbac.authorization.k8s.io',
        resources: 'clusterroles',
        verbs: 'escalate get list patch update watch',
      },
    ],
  },
  {
    name: 'system:controller:cronjob-controller',
    rules: [
      { apiGroups: 'batch', resources: 'cronjobs', verbs: 'get list update watch' },
      { apiGroups: 'batch', resources: 'jobs', verbs: 'create delete get list patch update watch' },
      { apiGroups: 'batch', resources: 'cronjobs/status', verbs: 'update' },
      { apiGroups: 'batch', resources: 'cronjobs/finalizers', verbs: 'update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'delete list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:daemon-set-controller',
    rules: [
      { apiGroups: 'apps extensions', resources: 'daemonsets', verbs: 'get list watch' },
      { apiGroups: 'apps extensions', resources: 'daemonsets/status', verbs: 'update' },
      { apiGroups: 'apps extensions', resources: 'daemonsets/finalizers', verbs: 'update' },
      { apiGroups: 'core', resources: 'nodes', verbs: 'list watch' },
      { apiGroups: 'core', resources: 'pods', verbs: 'create delete list patch watch' },
      { apiGroups: 'core', resources: 'pods/binding', verbs: 'create' },
      {
        apiGroups: 'apps',
        resources: 'controllerrevisions',
        verbs: 'create delete get list patch update watch',
      },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:deployment-controller',
    rules: [
      { apiGroups: 'apps extensions', resources: 'deployments', verbs: 'get list update watch' },
      { apiGroups: 'apps extensions', resources: 'deployments/status', verbs: 'update' },
      { apiGroups: 'apps extensions', resources: 'deployments/finalizers', verbs: 'update' },
      {
        apiGroups: 'apps extensions',
        resources: 'replicasets',
        verbs: 'create delete get list patch update watch',
      },
      { apiGroups: 'core', resources: 'pods', verbs: 'get list update watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:device-taint-eviction-controller',
    rules: [
      { apiGroups: 'core', resources: 'pods', verbs: 'delete get list watch' },
      { apiGroups: 'core', resources: 'pods/status', verbs: 'patch update' },
      { apiGroups: 'resource.k8s.io', resources: 'resourceclaims', verbs: 'get list watch' },
      { apiGroups: 'resource.k8s.io', resources: 'resourceslices', verbs: 'get list watch' },
      { apiGroups: 'resource.k8s.io', resources: 'deviceclasses', verbs: 'get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:disruption-controller',
    rules: [
      { apiGroups: 'apps extensions', resources: 'deployments', verbs: 'get list watch' },
      { apiGroups: 'apps extensions', resources: 'replicasets', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'replicationcontrollers', verbs: 'get list watch' },
      { apiGroups: 'policy', resources: 'poddisruptionbudgets', verbs: 'get list watch' },
      { apiGroups: 'apps', resources: 'statefulsets', verbs: 'get list watch' },
      { apiGroups: 'policy', resources: 'poddisruptionbudgets/status', verbs: 'update' },
      { apiGroups: 'core', resources: 'pods/status', verbs: 'patch update' },
      { apiGroups: '*', resources: '*/scale', verbs: 'get' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:endpoint-controller',
    rules: [
      { apiGroups: 'core', resources: 'pods services', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'endpoints', verbs: 'create delete get list update watch' },
      { apiGroups: 'core', resources: 'endpoints/restricted', verbs: 'create' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:endpointslice-controller',
    rules: [
      { apiGroups: 'core', resources: 'nodes pods services', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'services/finalizers', verbs: 'update' },
      {
        apiGroups: 'discovery.k8s.io',
        resources: 'endpointslices',
        verbs: 'create delete get list update watch',
      },
      { apiGroups: 'discovery.k8s.io', resources: 'endpointslices/restricted', verbs: 'create' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:endpointslicemirroring-controller',
    rules: [
      { apiGroups: 'core', resources: 'endpoints services', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'services/finalizers', verbs: 'update' },
      { apiGroups: 'core', resources: 'endpoints/finalizers', verbs: 'update' },
      {
        apiGroups: 'discovery.k8s.io',
        resources: 'endpointslices',
        verbs: 'create delete get list update watch',
      },
      { apiGroups: 'discovery.k8s.io', resources: 'endpointslices/restricted', verbs: 'create' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:ephemeral-volume-controller',
    rules: [
      { apiGroups: 'core', resources: 'pods', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'pods/finalizers', verbs: 'update' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims', verbs: 'create get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:expand-controller',
    rules: [
      { apiGroups: 'core', resources: 'persistentvolumes', verbs: 'get list patch update watch' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims/status', verbs: 'patch update' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims', verbs: 'get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:generic-garbage-collector',
    rules: [
      { apiGroups: '*', resources: '*', verbs: 'delete get list patch update watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:horizontal-pod-autoscaler',
    rules: [
      { apiGroups: 'autoscaling', resources: 'horizontalpodautoscalers', verbs: 'get list watch' },
      { apiGroups: 'autoscaling', resources: 'horizontalpodautoscalers/status', verbs: 'update' },
      { apiGroups: '*', resources: '*/scale', verbs: 'get update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'list watch' },
      { apiGroups: 'metrics.k8s.io', resources: 'pods', verbs: 'list watch' },
      { apiGroups: 'custom.metrics.k8s.io', resources: '*', verbs: 'get list watch' },
      { apiGroups: 'external.metrics.k8s.io', resources: '*', verbs: 'get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:job-controller',
    rules: [
      { apiGroups: 'batch', resources: 'jobs', verbs: 'get list patch update watch' },
      { apiGroups: 'batch', resources: 'jobs/status', verbs: 'update' },
      { apiGroups: 'batch', resources: 'jobs/finalizers', verbs: 'update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'create delete list patch watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:legacy-service-account-token-cleaner',
    rules: [
      {
        apiGroups: 'core',
        resources: 'configmaps',
        resourceNames: 'kube-apiserver-legacy-service-account-token-tracking',
        verbs: 'get',
      },
      { apiGroups: 'core', resources: 'secrets', verbs: 'delete patch' },
    ],
  },
  {
    name: 'system:controller:namespace-controller',
    rules: [
      { apiGroups: 'core', resources: 'namespaces', verbs: 'delete get list watch' },
      { apiGroups: 'core', resources: 'namespaces/finalize namespaces/status', verbs: 'update' },
      { apiGroups: '*', resources: '*', verbs: 'delete deletecollection get list watch' },
    ],
  },
  {
    name: 'system:controller:node-controller',
    rules: [
      { apiGroups: 'core', resources: 'nodes', verbs: 'delete get list patch update watch' },
      { apiGroups: 'core', resources: 'nodes/status', verbs: 'patch update' },
      { apiGroups: 'core', resources: 'pods/status', verbs: 'patch update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'delete get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:persistent-volume-binder',
    rules: [
      {
        apiGroups: 'core',
        resources: 'persistentvolumes',
        verbs: 'create delete get list update watch',
      },
      { apiGroups: 'core', resources: 'persistentvolumes/status', verbs: 'update' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims', verbs: 'get list update watch' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims/status', verbs: 'update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'create delete get list watch' },
      { apiGroups: 'storage.k8s.io', resources: 'storageclasses', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'nodes', verbs: 'list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
      { apiGroups: 'core', resources: 'events', verbs: 'watch' },
    ],
  },
  {
    name: 'system:controller:pod-garbage-collector',
    rules: [
      { apiGroups: 'core', resources: 'pods', verbs: 'delete list watch' },
      { apiGroups: 'core', resources: 'nodes', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'pods/status', verbs: 'patch' },
    ],
  },
  {
    name: 'system:controller:pv-protection-controller',
    rules: [
      { apiGroups: 'core', resources: 'persistentvolumes', verbs: 'get list update watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:pvc-protection-controller',
    rules: [
      { apiGroups: 'core', resources: 'persistentvolumeclaims', verbs: 'get list update watch' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims/status', verbs: 'update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:replicaset-controller',
    rules: [
      { apiGroups: 'apps extensions', resources: 'replicasets', verbs: 'get list update watch' },
      { apiGroups: 'apps extensions', resources: 'replicasets/status', verbs: 'update' },
      { apiGroups: 'apps extensions', resources: 'replicasets/finalizers', verbs: 'update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'create delete list patch watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:replication-controller',
    rules: [
      { apiGroups: 'core', resources: 'replicationcontrollers', verbs: 'get list update watch' },
      { apiGroups: 'core', resources: 'replicationcontrollers/status', verbs: 'update' },
      { apiGroups: 'core', resources: 'replicationcontrollers/finalizers', verbs: 'update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'create delete list patch watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:resource-claim-controller',
    rules: [
      { apiGroups: 'core', resources: 'pods', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'pods/finalizers', verbs: 'update' },
      {
        apiGroups: 'resource.k8s.io',
        resources: 'resourceclaims',
        verbs: 'create delete get list watch',
      },
      {
        apiGroups: 'resource.k8s.io',
        resources: 'resourceclaims resourceclaims/status',
        verbs: 'patch update',
      },
      { apiGroups: 'core', resources: 'pods/status', verbs: 'patch update' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
      { apiGroups: 'resource.k8s.io', resources: 'resourceclaims/binding', verbs: 'patch update' },
    ],
  },
  {
    name: 'system:controller:resourcequota-controller',
    rules: [
      { apiGroups: '*', resources: '*', verbs: 'list watch' },
      { apiGroups: 'core', resources: 'resourcequotas/status', verbs: 'update' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:root-ca-cert-publisher',
    rules: [
      { apiGroups: 'core', resources: 'configmaps', verbs: 'create update' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:route-controller',
    rules: [
      { apiGroups: 'core', resources: 'nodes', verbs: 'list watch' },
      { apiGroups: 'core', resources: 'nodes/status', verbs: 'patch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:selinux-warning-controller',
    rules: [
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
      { apiGroups: 'core', resources: 'persistentvolumes', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'pods', verbs: 'get list watch' },
      { apiGroups: 'storage.k8s.io', resources: 'csidrivers', verbs: 'get list watch' },
    ],
  },
  {
    name: 'system:controller:service-account-controller',
    rules: [
      { apiGroups: 'core', resources: 'serviceaccounts', verbs: 'create' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:service-cidrs-controller',
    rules: [
      {
        apiGroups: 'networking.k8s.io',
        resources: 'servicecidrs',
        verbs: 'get list patch update watch',
      },
      {
        apiGroups: 'networking.k8s.io',
        resources: 'servicecidrs/finalizers',
        verbs: 'patch update',
      },
      { apiGroups: 'networking.k8s.io', resources: 'servicecidrs/status', verbs: 'patch update' },
      { apiGroups: 'networking.k8s.io', resources: 'ipaddresses', verbs: 'get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:service-controller',
    rules: [
      { apiGroups: 'core', resources: 'services', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'services/status', verbs: 'patch update' },
      { apiGroups: 'core', resources: 'nodes', verbs: 'list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:statefulset-controller',
    rules: [
      { apiGroups: 'core', resources: 'pods', verbs: 'list watch' },
      { apiGroups: 'apps', resources: 'statefulsets', verbs: 'get list watch' },
      { apiGroups: 'apps', resources: 'statefulsets/status', verbs: 'update' },
      { apiGroups: 'apps', resources: 'statefulsets/finalizers', verbs: 'update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'create delete get patch update' },
      {
        apiGroups: 'apps',
        resources: 'controllerrevisions',
        verbs: 'create delete get list patch update watch',
      },
      { apiGroups: 'core', resources: 'persistentvolumeclaims', verbs: 'create get list watch' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims', verbs: 'delete update' },
      { apiGroups: 'core', resources: 'pods/finalizers', verbs: 'update' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:ttl-after-finished-controller',
    rules: [
      { apiGroups: 'batch', resources: 'jobs', verbs: 'delete get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:ttl-controller',
    rules: [
      { apiGroups: 'core', resources: 'nodes', verbs: 'list patch update watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:validatingadmissionpolicy-status-controller',
    rules: [
      {
        apiGroups: 'admissionregistration.k8s.io',
        resources: 'validatingadmissionpolicies',
        verbs: 'get list watch',
      },
      {
        apiGroups: 'admissionregistration.k8s.io',
        resources: 'validatingadmissionpolicies/status',
        verbs: 'get patch update',
      },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:controller:volumeattributesclass-protection-controller',
    rules: [
      { apiGroups: 'core', resources: 'persistentvolumeclaims', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'persistentvolumes', verbs: 'get list watch' },
      {
        apiGroups: 'storage.k8s.io',
        resources: 'volumeattributesclasses',
        verbs: 'get list update watch',
      },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:discovery',
    rules: [
      {
        nonResourceURLs:
          '/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/',
        verbs: 'get',
      },
    ],
  },
  {
    name: 'system:heapster',
    rules: [
      { apiGroups: 'core', resources: 'events namespaces nodes pods', verbs: 'get list watch' },
      { apiGroups: 'extensions', resources: 'deployments', verbs: 'get list watch' },
    ],
  },
  {
    name: 'system:kube-aggregator',
    rules: [{ apiGroups: 'core', resources: 'endpoints services', verbs: 'get list watch' }],
  },
  {
    name: 'system:kube-controller-manager',
    rules: [
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
      { apiGroups: 'coordination.k8s.io', resources: 'leases', verbs: 'create' },
      {
        apiGroups: 'coordination.k8s.io',
        resources: 'leases',
        resourceNames: 'kube-controller-manager',
        verbs: 'get update',
      },
      { apiGroups: 'core', resources: 'secrets serviceaccounts', verbs: 'create' },
      { apiGroups: 'core', resources: 'secrets', verbs: 'delete' },
      {
        apiGroups: 'core',
        resources: 'configmaps namespaces secrets serviceaccounts',
        verbs: 'get',
      },
      { apiGroups: 'core', resources: 'secrets serviceaccounts', verbs: 'update' },
      { apiGroups: 'authentication.k8s.io', resources: 'tokenreviews', verbs: 'create' },
      { apiGroups: 'authorization.k8s.io', resources: 'subjectaccessreviews', verbs: 'create' },
      { apiGroups: '*', resources: '*', verbs: 'list watch' },
      { apiGroups: 'core', resources: 'serviceaccounts/token', verbs: 'create' },
    ],
  },
  {
    name: 'system:kube-dns',
    rules: [{ apiGroups: 'core', resources: 'endpoints services', verbs: 'list watch' }],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
      { apiGroups: 'coordination.k8s.io', resources: 'leases', verbs: 'create' },
      {
        apiGroups: 'coordination.k8s.io',
        resources: 'leases',
        resourceNames: 'kube-scheduler',
        verbs: 'get list update watch',
      },
      {
        apiGroups: 'coordination.k8s.io',
        resources: 'leasecandidates',
        verbs: 'create delete deletecollection get list patch update watch',
      },
      { apiGroups: 'core', resources: 'nodes', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'pods', verbs: 'delete get list watch' },
      { apiGroups: 'core', resources: 'bindings pods/binding', verbs: 'create' },
      { apiGroups: 'core', resources: 'pods/status', verbs: 'patch update' },
      { apiGroups: 'core', resources: 'replicationcontrollers services', verbs: 'get list watch' },
      { apiGroups: 'apps extensions', resources: 'replicasets', verbs: 'get list watch' },
      { apiGroups: 'apps', resources: 'statefulsets', verbs: 'get list watch' },
      { apiGroups: 'policy', resources: 'poddisruptionbudgets', verbs: 'get list watch' },
      {
        apiGroups: 'core',
        resources: 'persistentvolumeclaims persistentvolumes',
        verbs: 'get list watch',
      },
      { apiGroups: 'authentication.k8s.io', resources: 'tokenreviews', verbs: 'create' },
      { apiGroups: 'authorization.k8s.io', resources: 'subjectaccessreviews', verbs: 'create' },
      { apiGroups: 'storage.k8s.io', resources: 'csinodes', verbs: 'get list watch' },
      { apiGroups: 'storage.k8s.io', resources: 'volumeattachments', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'namespaces', verbs: 'get list watch' },
      { apiGroups: 'storage.k8s.io', resources: 'csidrivers', verbs: 'get list watch' },
      { apiGroups: 'storage.k8s.io', resources: 'csistoragecapacities', verbs: 'get list watch' },
      { apiGroups: 'resource.k8s.io', resources: 'deviceclasses', verbs: 'get list watch' },
      {
        apiGroups: 'resource.k8s.io',
        resources: 'resourceclaims',
        verbs: 'get list patch update watch',
      },
      {
        apiGroups: 'resource.k8s.io',
        resources: 'resourceclaims/status',
        verbs: 'get list patch update watch',
      },
      { apiGroups: 'core', resources: 'pods/finalizers', verbs: 'update' },
      { apiGroups: 'resource.k8s.io', resources: 'resourceslices', verbs: 'get list watch' },
      { apiGroups: 'resource.k8s.io', resources: 'resourceclaims', verbs: 'create delete' },
      { apiGroups: 'resource.k8s.io', resources: 'resourceclaims/binding', verbs: 'patch update' },
    ],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      { apiGroups: 'core', resources: 'nodes', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'nodes', verbs: 'proxy' },
      {
        apiGroups: 'core',
        resources: 'nodes/log nodes/metrics nodes/proxy nodes/stats',
        verbs: '*',
      },
      { apiGroups: 'core', resources: 'nodes/configz nodes/healthz nodes/pods', verbs: '*' },
    ],
  },
  {
    name: 'system:monitoring',
    rules: [
      {
        nonResourceURLs:
          '/flagz /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/* /statusz',
        verbs: 'get',
      },
      { apiGroups: 'core', resources: 'nodes/metrics', verbs: 'get' },
    ],
  },
  {
    name: 'system:node',
    rules: [
      { apiGroups: 'authentication.k8s.io', resources: 'tokenreviews', verbs: 'create' },
      {
        apiGroups: 'authorization.k8s.io',
        resources: 'localsubjectaccessreviews subjectaccessreviews',
        verbs: 'create',
      },
      { apiGroups: 'core', resources: 'services', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'nodes', verbs: 'create get list watch' },
      { apiGroups: 'core', resources: 'nodes/status', verbs: 'patch update' },
      { apiGroups: 'core', resources: 'nodes', verbs: 'patch update' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
      { apiGroups: 'core', resources: 'pods', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'pods', verbs: 'create delete' },
      { apiGroups: 'core', resources: 'pods/status', verbs: 'patch update' },
      { apiGroups: 'core', resources: 'pods/eviction', verbs: 'create' },
      { apiGroups: 'core', resources: 'configmaps secrets', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims persistentvolumes', verbs: 'get' },
      { apiGroups: 'core', resources: 'endpoints', verbs: 'get' },
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'certificatesigningrequests',
        verbs: 'create get list watch',
      },
      {
        apiGroups: 'coordination.k8s.io',
        resources: 'leases',
        verbs: 'create delete get patch update',
      },
      { apiGroups: 'storage.k8s.io', resources: 'volumeattachments', verbs: 'get' },
      { apiGroups: 'core', resources: 'serviceaccounts/token', verbs: 'create' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims/status', verbs: 'get patch update' },
      { apiGroups: 'storage.k8s.io', resources: 'csidrivers', verbs: 'get list watch' },
      {
        apiGroups: 'storage.k8s.io',
        resources: 'csinodes',
        verbs: 'create delete get patch update',
      },
      { apiGroups: 'node.k8s.io', resources: 'runtimeclasses', verbs: 'get list watch' },
      { apiGroups: 'resource.k8s.io', resources: 'resourceclaims', verbs: 'get' },
      { apiGroups: 'resource.k8s.io', resources: 'resourceslices', verbs: 'deletecollection' },
      { apiGroups: 'core', resources: 'serviceaccounts', verbs: 'get' },
    ],
  },
  {
    name: 'system:node-bootstrapper',
    rules: [
      {
        apiGroups: 'certificates.k8s.io',
        resources: 'certificatesigningrequests',
        verbs: 'create get list watch',
      },
    ],
  },
  {
    name: 'system:node-problem-detector',
    rules: [
      { apiGroups: 'core', resources: 'nodes', verbs: 'get' },
      { apiGroups: 'core', resources: 'nodes/status', verbs: 'patch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:node-proxier',
    rules: [
      { apiGroups: 'core', resources: 'endpoints services', verbs: 'list watch' },
      { apiGroups: 'core', resources: 'nodes', verbs: 'get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
      { apiGroups: 'networking.k8s.io', resources: 'servicecidrs', verbs: 'list watch' },
      { apiGroups: 'discovery.k8s.io', resources: 'endpointslices', verbs: 'list watch' },
    ],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      { apiGroups: 'core', resources: 'persistentvolumes', verbs: 'create delete get list watch' },
      { apiGroups: 'core', resources: 'persistentvolumeclaims', verbs: 'get list update watch' },
      { apiGroups: 'storage.k8s.io', resources: 'storageclasses', verbs: 'get list watch' },
      { apiGroups: 'core', resources: 'events', verbs: 'watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    name: 'system:public-info-viewer',
    rules: [{ nonResourceURLs: '/healthz /livez /readyz /version /version/', verbs: 'get' }],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [
      {
        nonResourceURLs:
          '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
        verbs: 'get',
      },
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      { apiGroups: 'core', resources: 'persistentvolumes', verbs: 'get list patch update watch' },
      { apiGroups: 'storage.k8s.io', resources: 'storageclasses', verbs: 'get list watch' },
      {
        apiGroups: 'core',
        resources: 'persistentvolumeclaims',
        verbs: 'get list patch update watch',
      },
    ],
  },
  { name: 'view', aggregatesTo: 'edit', aggregatesFrom: 'view' },
];

export const roles: readonly RoleRow[] = [
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [
      { apiGroups: 'core', resources: 'configmaps', verbs: 'get list watch' },
      {
        apiGroups: 'core',
        resources: 'configmaps',
        resourceNames: 'cluster-info',
        verbs: 'update',
      },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    rules: [
      {
        apiGroups: 'core',
        resources: 'configmaps',
        resourceNames: 'extension-apiserver-authentication',
        verbs: 'get list watch',
      },
    ],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-controller-manager',
    rules: [
      {
        apiGroups: 'coordination.k8s.io',
        resources: 'leases',
        verbs: 'create get list update watch',
      },
      {
        apiGroups: 'coordination.k8s.io',
        resources: 'leasecandidates',
        verbs: 'create get list update watch',
      },
    ],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-scheduler',
    rules: [
      {
        apiGroups: 'coordination.k8s.io',
        resources: 'leases',
        verbs: 'create get list update watch',
      },
      {
        apiGroups: 'coordination.k8s.io',
        resources: 'leasecandidates',
        verbs: 'create get list update watch',
      },
    ],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    rules: [{ apiGroups: 'core', resources: 'secrets', verbs: 'get list watch' }],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: [{ apiGroups: 'core', resources: 'configmaps', verbs: 'create get list watch' }],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    rules: [
      { apiGroups: 'core', resources: 'secrets', verbs: 'delete get list watch' },
      { apiGroups: 'core events.k8s.io', resources: 'events', verbs: 'create patch update' },
    ],
  },
];

export const clusterRoleBindings: readonly BindingRow[] = [
  { name: 'cluster-admin', subjects: ['Group system:masters'] },
  { name: 'system:basic-user', subjects: ['Group system:authenticated'] },
  {
    name: 'system:controller:attachdetach-controller',
    subjects: ['ServiceAccount kube-system/attachdetach-controller'],
  },
  {
    name: 'system:controller:certificate-controller',
    subjects: ['ServiceAccount kube-system/certificate-controller'],
  },
  {
    name: 'system:controller:clusterrole-aggregation-controller',
    subjects: ['ServiceAccount kube-system/clusterrole-aggregation-controller'],
  },
  {
    name: 'system:controller:cronjob-controller',
    subjects: ['ServiceAccount kube-system/cronjob-controller'],
  },
  {
    name: 'system:controller:daemon-set-controller',
    subjects: ['ServiceAccount kube-system/daemon-set-controller'],
  },
  {
    name: 'system:controller:deployment-controller',
    subjects: ['ServiceAccount kube-system/deployment-controller'],
  },
  {
    name: 'system:controller:device-taint-eviction-controller',
    subjects: ['ServiceAccount kube-system/device-taint-eviction-controller'],
  },
  {
    name: 'system:controller:disruption-controller',
    subjects: ['ServiceAccount kube-system/disruption-controller'],
  },
  {
    name: 'system:controller:endpoint-controller',
    subjects: ['ServiceAccount kube-system/endpoint-controller'],
  },
  {
    name: 'system:controller:endpointslice-controller',
    subjects: ['ServiceAccount kube-system/endpointslice-controller'],
  },
  {
    name: 'system:controller:endpointslicemirroring-controller',
    subjects: ['ServiceAccount kube-system/endpointslicemirroring-controller'],
  },
  {
    name: 'system:controller:ephemeral-volume-controller',
    subjects: ['ServiceAccount kube-system/ephemeral-volume-controller'],
  },
  {
    name: 'system:controller:expand-controller',
    subjects: ['ServiceAccount kube-system/expand-controller'],
  },
  {
    name: 'system:controller:generic-garbage-collector',
    subjects: ['ServiceAccount kube-system/generic-garbage-collector'],
  },
  {
    name: 'system:controller:horizontal-pod-autoscaler',
    subjects: ['ServiceAccount kube-system/horizontal-pod-autoscaler'],
  },
  {
    name: 'system:controller:job-controller',
    subjects: ['ServiceAccount kube-system/job-controller'],
  },
  {
    name: 'system:controller:legacy-service-account-token-cleaner',
    subjects: ['ServiceAccount kube-system/legacy-service-account-token-cleaner'],
  },
  {
    name: 'system:controller:namespace-controller',
    subjects: ['ServiceAccount kube-system/namespace-controller'],
  },
  {
    name: 'system:controller:node-controller',
    subjects: ['ServiceAccount kube-system/node-controller'],
  },
  {
    name: 'system:controller:persistent-volume-binder',
    subjects: ['ServiceAccount kube-system/persistent-volume-binder'],
  },
  {
    name: 'system:controller:pod-garbage-collector',
    subjects: ['ServiceAccount kube-system/pod-garbage-collector'],
  },
  {
    name: 'system:controller:pv-protection-controller',
    subjects: ['ServiceAccount kube-system/pv-protection-controller'],
  },
  {
    name: 'system:controller:pvc-protection-controller',
    subjects: ['ServiceAccount kube-system/pvc-protection-controller'],
  },
  {
    name: 'system:controller:replicaset-controller',
    subjects: ['ServiceAccount kube-system/replicaset-controller'],
  },
  {
    name: 'system:controller:replication-controller',
    subjects: ['ServiceAccount kube-system/replication-controller'],
  },
  {
    name: 'system:controller:resource-claim-controller',
    subjects: ['ServiceAccount kube-system/resource-claim-controller'],
  },
  {
    name: 'system:controller:resourcequota-controller',
    subjects: ['ServiceAccount kube-system/resourcequota-controller'],
  },
  {
    name: 'system:controller:root-ca-cert-publisher',
    subjects: ['ServiceAccount kube-system/root-ca-cert-publisher'],
  },
  {
    name: 'system:controller:route-controller',
    subjects: ['ServiceAccount kube-system/route-controller'],
  },
  {
    name: 'system:controller:selinux-warning-controller',
    subjects: ['ServiceAccount kube-system/selinux-warning-controller'],
  },
  {
    name: 'system:controller:service-account-controller',
    subjects: ['ServiceAccount kube-system/service-account-controller'],
  },
  {
    name: 'system:controller:service-cidrs-controller',
    subjects: ['ServiceAccount kube-system/service-cidrs-controller'],
  },
  {
    name: 'system:controller:service-controller',
    subjects: ['ServiceAccount kube-system/service-controller'],
  },
  {
    name: 'system:controller:statefulset-controller',
    subjects: ['ServiceAccount kube-system/statefulset-controller'],
  },
  {
    name: 'system:controller:ttl-after-finished-controller',
    subjects: ['ServiceAccount kube-system/ttl-after-finished-controller'],
  },
  {
    name: 'system:controller:ttl-controller',
    subjects: ['ServiceAccount kube-system/ttl-controller'],
  },
  {
    name: 'system:controller:validatingadmissionpolicy-status-controller',
    subjects: ['ServiceAccount kube-system/validatingadmissionpolicy-status-controller'],
  },
  {
    name: 'system:controller:volumeattributesclass-protection-controller',
    subjects: ['ServiceAccount kube-system/volumeattributesclass-protection-controller'],
  },
  { name: 'system:discovery', subjects: ['Group system:authenticated'] },
  { name: 'system:kube-controller-manager', subjects: ['User system:kube-controller-manager'] },
  { name: 'system:kube-dns', subjects: ['ServiceAccount kube-system/kube-dns'] },
  { name: 'system:kube-scheduler', subjects: ['User system:kube-scheduler'] },
  { name: 'system:monitoring', subjects: ['Group system:monitoring'] },
  { name: 'system:node', subjects: [] },
  { name: 'system:node-proxier', subjects: ['User system:kube-proxy'] },
  {
    name: 'system:public-info-viewer',
    subjects: ['Group system:authenticated', 'Group system:unauthenticated'],
  },
  { name: 'system:service-account-issuer-discovery', subjects: ['Group system:serviceaccounts'] },
  { name: 'system:volume-scheduler', subjects: ['User system:kube-scheduler'] },
];

export const roleBindings: readonly BindingRow[] = [
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    subjects: ['ServiceAccount kube-system/bootstrap-signer'],
  },
  {
    namespace: 'kube-system',
    name: 'system::extension-apiserver-authentication-reader',
    role: 'extension-apiserver-authentication-reader',
    subjects: ['User system:kube-controller-manager', 'User system:kube-scheduler'],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-controller-manager',
    subjects: [
      'User system:kube-controller-manager',
      'ServiceAccount kube-system/kube-controller-manager',
      'ServiceAccount kube-system/leader-election-controller',
    ],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-scheduler',
    subjects: ['User system:kube-scheduler', 'ServiceAccount kube-system/kube-scheduler'],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    subjects: ['ServiceAccount kube-system/bootstrap-signer'],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    subjects: ['ServiceAccount kube-system/cloud-provider'],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    subjects: ['ServiceAccount kube-system/token-cleaner'],
  },
];
