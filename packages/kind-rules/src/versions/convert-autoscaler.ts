import type { HorizontalPodAutoscaler as Version1 } from '@fairway/kinds/autoscaling/v1';
import type {
  HorizontalPodAutoscaler as Version2,
  MetricSpec,
} from '@fairway/kinds/autoscaling/v2';
import type { KubernetesObject } from '@fairway/protocol';

const metricsAnnotation = 'autoscaling.alpha.kubernetes.io/metrics';
const behaviorAnnotation = 'autoscaling.alpha.kubernetes.io/behavior';

/**
 * An autoscaler of `autoscaling/v2` as `autoscaling/v1` has it: CPU utilization in fields of its
 * own, everything that v1 cannot say in annotations, so that nothing is lost on the way back.
 * Source: autoscaling/v1 conversion; autoscaling/v2 HorizontalPodAutoscaler.
 */
export function autoscalerToVersion1(stored: KubernetesObject): KubernetesObject {
  const { spec, status, metadata, ...rest } = stored as Version2;
  const { metrics = [], behavior, ...kept } = spec ?? { maxReplicas: 0 };
  const cpu = metrics.find(isCpuUtilization);
  const others = metrics.filter((metric) => metric !== cpu);
  const target = cpu?.resource?.target.averageUtilization;
  const annotations = {
    ...metadata?.annotations,
    ...(others.length === 0 ? {} : { [metricsAnnotation]: JSON.stringify(others) }),
    ...(behavior === undefined ? {} : { [behaviorAnnotation]: JSON.stringify(behavior) }),
  };
  const {
    currentReplicas = 0,
    desiredReplicas = 0,
    lastScaleTime,
    observedGeneration,
    currentMetrics,
  } = status ?? {};
  const measured = currentMetrics?.find(({ resource }) => resource?.name === 'cpu');
  const utilization = measured?.resource?.current.averageUtilization;
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: { ...metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: { ...kept, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      currentReplicas,
      desiredReplicas,
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
      ...(utilization === undefined ? {} : { currentCPUUtilizationPercentage: utilization }),
    },
  } as KubernetesObject;
}

/** An autoscaler of `autoscaling/v1` as `autoscaling/v2` has it. */
export function autoscalerToVersion2(served: KubernetesObject): KubernetesObject {
  const { spec, metadata, ...rest } = served as Version1;
  const { targetCPUUtilizationPercentage: cpu, ...kept } = spec ?? { maxReplicas: 0 };
  const {
    [metricsAnnotation]: others,
    [behaviorAnnotation]: behavior,
    ...annotations
  } = metadata?.annotations ?? {};
  const metrics = [...(cpu === undefined ? [] : [cpuMetric(cpu)]), ...listOf(others)];
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadata, ...(metadata?.annotations === undefined ? {} : { annotations }) },
    spec: {
      ...kept,
      ...(metrics.length === 0 ? {} : { metrics }),
      ...(behavior === undefined ? {} : { behavior: parsed(behavior) }),
    },
  } as KubernetesObject;
}

function isCpuUtilization(metric: MetricSpec): boolean {
  return metric.resource?.name === 'cpu' && metric.resource.target.type === 'Utilization';
}

function cpuMetric(averageUtilization: number): MetricSpec {
  const target = { type: 'Utilization', averageUtilization };
  return { type: 'Resource', resource: { name: 'cpu', target } };
}

function listOf(text: string | undefined): MetricSpec[] {
  const value = text === undefined ? undefined : parsed(text);
  return Array.isArray(value) ? (value as MetricSpec[]) : [];
}

// The annotation is the caller's to write; nonsense in it says nothing.
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
