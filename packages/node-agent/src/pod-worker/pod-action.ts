/** Something to do on the machine for a pod. */
export type PodAction =
  | { readonly kind: 'set-up-volumes'; readonly of: string }
  | { readonly kind: 'start-sandbox'; readonly attempt: number }
  | { readonly kind: 'stop-sandbox'; readonly sandboxId: string }
  | { readonly kind: 'remove-sandbox'; readonly sandboxId: string }
  | {
      readonly kind: 'start-container';
      readonly name: string;
      readonly attempt: number;
      readonly sandboxId: string;
    }
  | {
      readonly kind: 'run-pre-stop';
      readonly name: string;
      readonly containerId: string;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'stop-container';
      readonly name: string;
      readonly containerId: string;
      readonly graceMs: number;
    }
  | { readonly kind: 'resize-container'; readonly name: string; readonly containerId: string }
  | { readonly kind: 'remove-container'; readonly containerId: string }
  /** Takes away what was made for the pod beside its containers. */
  | { readonly kind: 'tear-down' }
  /** Tells the API that nothing of the pod is left. */
  | { readonly kind: 'delete-pod' };

/** Of two actions with the same task, the second waits for the first. */
export function taskOf(action: PodAction): string {
  switch (action.kind) {
    case 'set-up-volumes':
      return 'volumes';
    case 'start-sandbox':
    case 'stop-sandbox':
    case 'remove-sandbox':
    case 'tear-down':
    case 'delete-pod':
      return 'pod';
    case 'start-container':
    case 'run-pre-stop':
    case 'stop-container':
    case 'resize-container':
      return `container ${action.name}`;
    case 'remove-container':
      return `removal of ${action.containerId}`;
  }
}
