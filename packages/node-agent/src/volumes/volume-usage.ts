/** What a volume of a pod takes of the machine. */
export interface VolumeUsage {
  readonly name: string;
  /** As the pod names it: `emptyDir`, `configMap`, … */
  readonly kind: string;
  readonly usedBytes: number;
  readonly inodesUsed: number;
}
