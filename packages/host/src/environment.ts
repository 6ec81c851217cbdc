/** What a program is told from outside. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly platform: 'linux' | 'darwin' | 'win32' | (string & {});
  readonly workingDirectory: string;
  readonly hostName: string;
  readonly isInteractive: boolean;
}
