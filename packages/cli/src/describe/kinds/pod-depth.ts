/** How deep containers and volumes stand below their title. */
export interface PodDepth {
  /** Before a name. */
  readonly nameIndent: string;
  /** Of what is below the name. */
  readonly contentLevels: number;
}

export const inPod: PodDepth = { nameIndent: '  ', contentLevels: 2 };
/** A template stands one level deeper itself. */
export const inTemplate: PodDepth = { nameIndent: ' ', contentLevels: 1 };
