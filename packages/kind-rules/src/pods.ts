/** What a pod is to those who count, place and run it. Loads nothing else of this package. */
export {
  isPodActive,
  isPodOver,
  isPodReady,
  isPodTerminating,
  podAvailableAtMs,
  podCondition,
} from './pods/pod-state.ts';
