import type { Clock, Logger, ProcessFigures, Random } from '@fairway/host';
import type { Store } from '@fairway/store';
import type { AdmissionPlugin } from './admission/admission-plugin.ts';
import type { AdmissionConfigurations } from './admission/configurations/read-configurations.ts';
import type { AuditOptions } from './audit/auditor.ts';
import type { AuthenticationOptions } from './authentication.ts';
import type { RbacObject } from './bootstrap/rbac-objects.ts';
import type { Dial } from './calls/dial.ts';
import type { EncryptionAtRest } from './encryption/encryption-at-rest.ts';
import type { Metrics } from '@fairway/serving/metrics';
import type { AggregatedApi } from './registry/aggregated-api.ts';
import type { ServedApis } from './registry/runtime-config.ts';
import type { AuthorizerChoice } from './server-authorization.ts';
import type { RequestBounds } from './server-fairness.ts';
import type { ServiceAccountTokenSettings } from './service-account-access.ts';
import type { ComponentParts } from './verbs/component-statuses.ts';

export interface ApiServerOptions {
  /** Made with `stampResourceVersion` as its stamp. */
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly serviceAccountTokens: ServiceAccountTokenSettings;
  /** In PEM: who certifies this server's clients. Absent: nobody, unless `authentication` names somebody. */
  readonly authorityCertificate?: string;
  /**
   * Where pods and other servers reach this one. The `kubernetes` service has it for its endpoint,
   * unless it is an address of this machine alone.
   */
  readonly advertised: { readonly host: string; readonly port: number };
  /** `10.0.0.0/24`: where services get their addresses from. */
  readonly serviceClusterIpRange: string;
  /**
   * Roles and bindings that this cluster starts with beside those of every API server. What is there already stays as
   * it is.
   */
  readonly ownRoles?: readonly RbacObject[];
  /** `linux/amd64`, for `/version`. */
  readonly platform: string;
  /**
   * Which modes are asked, in their order, anew at each decision; the same list while nothing has changed.
   * Absent: Node, then RBAC.
   */
  readonly authorization?: () => readonly AuthorizerChoice[];
  readonly authentication?: AuthenticationOptions;
  /** By their names: what of the server's own admission is on that is off by default, as by `--enable-admission-plugins`. */
  readonly enabledAdmissionPlugins?: readonly string[];
  /** By their names: what of the server's own admission is left out, as by `--disable-admission-plugins`. */
  readonly disabledAdmissionPlugins?: readonly string[];
  /** What plugins are told by `--admission-control-config-file`. */
  readonly admissionConfigurations?: AdmissionConfigurations;
  /** False: containers may not be privileged. True when absent. */
  readonly allowsPrivileged?: boolean;
  /** How many requests run at once, and whether others wait; as with a kube-apiserver when absent. */
  readonly requestBounds?: RequestBounds;
  /** To the beginning of an answer, unless the caller asks for less. 60 s when absent. */
  readonly requestTimeoutMs?: number;
  /** How long watches last at least whose callers do not say. 30 minutes when absent. */
  readonly watchTimeoutMsMin?: number;
  /** How long events stay. An hour when absent. */
  readonly eventsTimeToLiveMs?: number;
  /** By which the store's values were opened; absent: they lie there as they are. */
  readonly encryption?: EncryptionAtRest;
  /** Which built-in resources callers find; all when absent. */
  readonly isServed?: ServedApis;
  /** Asked after the server's own. */
  readonly admissionPlugins?: readonly AdmissionPlugin[];
  /** The way to the nodes. Absent: exec, attach, port-forward and logs answer 501. */
  readonly dial?: Dial;
  /** What other components of this process answer. */
  readonly aggregatedApis?: readonly AggregatedApi[];
  /** As `--kubelet-preferred-address-types`. */
  readonly kubeletAddressTypes?: readonly string[];
  /**
   * Parts of the cluster that are in this process, by their names among `componentstatuses`: each tells
   * what is wrong with it, undefined when nothing is. Others are known by their leases.
   */
  readonly components?: ComponentParts['components'];
  /** What `/metrics` tells, beside what this server counts itself; nothing when absent. */
  readonly metrics?: Metrics;
  /** What is told of requests, and to whom; nothing when absent. */
  readonly audit?: AuditOptions;
  /** What this process uses of the machine, for `/metrics`; not told when absent. */
  readonly processFigures?: () => Promise<ProcessFigures>;
}
