/** What the probes of a run of a container say by now. */
export interface ProbeVerdict {
  readonly isStarted: boolean;
  readonly isReady: boolean;
  /** Which of its probes has given it up. */
  readonly failed?: FailedProbe;
}

export interface FailedProbe {
  readonly probe: 'liveness' | 'startup';
  /** How long it may take to end; the pod's time when absent. */
  readonly graceSeconds?: number;
}
