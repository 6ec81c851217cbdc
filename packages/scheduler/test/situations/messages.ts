/** What an event says of making others leave, when that helps on no node. */
export function notHelpful(count: number, all = count): string {
  return `preemption: 0/${all} nodes are available: ${count} Preemption is not helpful for scheduling.`;
}

/** The same, when there is nobody on any node who could leave. */
export function nobodyToLeave(count: number, all = count): string {
  return `preemption: 0/${all} nodes are available: ${count} No preemption victims found for incoming pod.`;
}
