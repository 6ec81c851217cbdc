/** How a component of this process is: `problem` says why it does not work. */
export interface ComponentState {
  problem: string | undefined;
}
