/** A volume of a pod, ready on this machine. */
export interface MountedVolume {
  readonly hostPath: string;
  /** Whatever its users ask for: what the API has is written there by the agent alone. */
  readonly isReadOnly: boolean;
  /** As the pod names it: `emptyDir`, `configMap`, … */
  readonly kind: string;
}
