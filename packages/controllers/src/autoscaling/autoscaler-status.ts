import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from '@fairway/kinds/autoscaling/v2';
import { type DeepReadonly, formatTime } from '@fairway/protocol';

type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';

/** The status of an autoscaler, as it becomes in one round. */
export class StatusDraft {
  readonly #before: DeepReadonly<HorizontalPodAutoscalerStatus> | undefined;
  readonly #nowMs: number;
  #conditions: readonly DeepReadonly<HorizontalPodAutoscalerCondition>[];

  constructor({ status }: DeepReadonly<HorizontalPodAutoscaler>, nowMs: number) {
    this.#before = status;
    this.#nowMs = nowMs;
    this.#conditions = status?.conditions ?? [];
  }

  set(type: ConditionType, isTrue: boolean, text: { reason: string; message: string }): void {
    const known = this.#conditions.find((each) => each.type === type);
    const status = isTrue ? 'True' : 'False';
    const now = formatTime(this.#nowMs);
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
    const { reason, message } = text;
    const condition: HorizontalPodAutoscalerCondition = {
      type,
      status,
      ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }),
      reason,
      message,
    };
    this.#conditions =
      known === undefined
        ? [...this.#conditions, condition]
        : this.#conditions.map((each) => (each === known ? condition : each));
  }

  /** What was counted stays as it was. */
  unchanged(): HorizontalPodAutoscalerStatus {
    return { desiredReplicas: 0, ...this.#before, conditions: this.#conditions };
  }

  /** `desired` stays as it was when absent. */
  counted(counts: {
    readonly current: number;
    readonly desired?: number;
    readonly metrics: readonly MetricStatus[];
    readonly isRescaled?: boolean;
  }): HorizontalPodAutoscalerStatus {
    const { current, desired = this.#before?.desiredReplicas ?? 0, metrics, isRescaled } = counts;
    const lastScaleTime =
      isRescaled === true ? formatTime(this.#nowMs) : this.#before?.lastScaleTime;
    return {
      ...(lastScaleTime === undefined || lastScaleTime === null ? {} : { lastScaleTime }),
      ...(current === 0 ? {} : { currentReplicas: current }),
      desiredReplicas: desired,
      ...(metrics.length === 0 ? {} : { currentMetrics: metrics }),
      conditions: this.#conditions,
    };
  }
}
