/** The environment of a program: variables, platform, folders. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly platform: 'linux' | 'darwin' | 'win32' | (string & {});
  /** Of the processor, as Node.js names it: `x64`, `arm64`. */
  readonly architecture: string;
  readonly workingDirectory: string;
  readonly hostName: string;
  /** The addresses of this machine that others can reach, loopback and link-local ones left out. */
  readonly addresses: readonly string[];
  readonly isInteractive: boolean;
  /** How far the clocks of whoever sits here are ahead of UTC at an instant. */
  readonly utcOffsetMinutes: (atMs: number) => number;
}
