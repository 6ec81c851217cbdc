import { forbidden, type ObjectDraft } from '@fairway/protocol';
import type { Pod } from '@fairway/kinds/core/v1';
import type { PriorityClass } from '@fairway/kinds/scheduling/v1';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/** Source: Kubernetes admission, Priority. */
export function priority(cluster: ClusterReader): AdmissionPlugin<Pod | PriorityClass> {
  const facts = async (): Promise<{ readonly classes: readonly PriorityClass[] }> => ({
    classes: await cluster.all<PriorityClass>('scheduling.k8s.io', 'priorityclasses'),
  });
  return {
    name: 'Priority',
    operations: ['CREATE', 'UPDATE'],
    resources: ['/pods', 'scheduling.k8s.io/priorityclasses'],
    async admit({ resource, draft, stored }) {
      if (resource.plural !== 'pods' || draft === undefined) return;
      if (stored === undefined) admitPriority(draft, await facts());
      else keepPriority(draft, stored as Pod);
    },
    async validate({ resource, object }) {
      if (resource.plural !== 'priorityclasses' || object === undefined) return;
      checkSingleDefault(object as PriorityClass, await facts());
    },
  };
}

/** An update that leaves out the fields which admission added keeps them as stored. */
function keepPriority(pod: ObjectDraft<Pod>, { spec: stored }: Pod): void {
  pod.spec ??= {};
  if (stored?.priority !== undefined) pod.spec.priority ??= stored.priority;
  if (stored?.preemptionPolicy !== undefined) {
    pod.spec.preemptionPolicy ??= stored.preemptionPolicy;
  }
}

/**
 * Writes the priority that a new pod's class stands for.
 *
 * Errors: Forbidden when the class does not exist, or when the pod claims another priority.
 */
export function admitPriority(
  pod: ObjectDraft<Pod>,
  facts: { readonly classes: readonly PriorityClass[] },
): void {
  pod.spec ??= {};
  const spec = pod.spec;
  const subject = { group: '', plural: 'pods', name: pod.metadata?.name ?? '' };
  const chosen = spec.priorityClassName
    ? facts.classes.find((each) => each.metadata?.name === spec.priorityClassName)
    : lowestDefault(facts.classes);
  if (spec.priorityClassName && chosen === undefined) {
    throw forbidden(subject, `no PriorityClass with name ${spec.priorityClassName} was found`);
  }
  const priority = chosen?.value ?? 0;
  const preemption = chosen?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (spec.priority !== undefined && spec.priority !== priority) {
    const text = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`;
    throw forbidden(subject, text);
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemption) {
    const text = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemption} from the given PriorityClass name`;
    throw forbidden(subject, text);
  }
  const name = chosen?.metadata?.name;
  if (name !== undefined) spec.priorityClassName = name;
  spec.priority = priority;
  spec.preemptionPolicy = preemption;
}

/** When several classes claim to be the default, the least important one counts. */
function lowestDefault(classes: readonly PriorityClass[]): PriorityClass | undefined {
  let lowest: PriorityClass | undefined;
  for (const each of classes) {
    if (each.globalDefault !== true) continue;
    if (lowest === undefined || (each.value ?? 0) < (lowest.value ?? 0)) lowest = each;
  }
  return lowest;
}

/**
 * Keeps a second class from becoming the default.
 *
 * Errors: Forbidden when another class is the default already.
 */
export function checkSingleDefault(
  priorityClass: PriorityClass,
  facts: { readonly classes: readonly PriorityClass[] },
): void {
  if (priorityClass.globalDefault !== true) return;
  const name = priorityClass.metadata?.name ?? '';
  const other = facts.classes.find(
    (each) => each.globalDefault === true && each.metadata?.name !== name,
  );
  if (other === undefined) return;
  const subject = { group: 'scheduling.k8s.io', plural: 'priorityclasses', name };
  const why = `PriorityClass ${other.metadata?.name} is already marked as default. Only one default can exist`;
  throw forbidden(subject, why);
}
