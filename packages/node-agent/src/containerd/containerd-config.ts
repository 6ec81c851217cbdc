/** What a private containerd is told. */
export interface ContainerdSettings {
  /** As it says itself: `1.6.20`. */
  readonly version: string;
  readonly folders: ContainerdFolders;
  /** Where the network plugins are: `/usr/lib/cni`. */
  readonly pluginsDirectory: string;
  readonly pauseImage: string;
  /** It may not give a container a better place than its own before the kernel's killer. */
  readonly isOomScoreRestricted: boolean;
  readonly hasAppArmor: boolean;
  readonly hasHugetlb: boolean;
}

/** Where a private containerd keeps what it has. */
export interface ContainerdFolders {
  /** Images and what containers have written. */
  readonly root: string;
  /** All that goes with a restart of the machine. */
  readonly state: string;
  readonly runc: string;
  readonly socket: string;
  readonly networks: string;
  readonly addresses: string;
  /** One folder a registry, each with its `hosts.toml`. */
  readonly registries: string;
  readonly log: string;
}

type TomlValue = string | number | boolean | readonly string[];
type TomlTable = { readonly [name: string]: TomlValue | TomlTable };

/** The configuration of a containerd that shares nothing with another one of the machine. */
export function containerdConfig(settings: ContainerdSettings): string {
  const { folders } = settings;
  const [major = 0, minor = 0] = settings.version.split('.').map(Number);
  const isFirst = major < 2;
  return toml({
    version: isFirst ? 2 : 3,
    root: folders.root,
    state: folders.state,
    disabled_plugins: [
      'io.containerd.internal.v1.opt',
      ...['aufs', 'btrfs', 'devmapper', 'zfs'].map(
        (name) => `io.containerd.snapshotter.v1.${name}`,
      ),
    ],
    grpc: { address: folders.socket },
    plugins: isFirst
      ? { 'io.containerd.grpc.v1.cri': { ...streams, ...runtime(settings), ...images(settings) } }
      : {
          'io.containerd.grpc.v1.cri': streams,
          'io.containerd.cri.v1.runtime': runtime(settings, { hasSeveralPlugins: minor >= 1 }),
          'io.containerd.cri.v1.images': pinnedImages(settings),
        },
  });
}

const streams: TomlTable = { stream_server_address: '127.0.0.1', stream_server_port: '0' };

function runtime(settings: ContainerdSettings, { hasSeveralPlugins = false } = {}): TomlTable {
  const { folders, pluginsDirectory, hasHugetlb } = settings;
  return {
    restrict_oom_score_adj: settings.isOomScoreRestricted,
    disable_apparmor: !settings.hasAppArmor,
    tolerate_missing_hugetlb_controller: true,
    disable_hugetlb_controller: !hasHugetlb,
    netns_mounts_under_state_dir: true,
    // As with the runtimes of today's clusters, programs that are not root may listen below 1024 and ping.
    enable_unprivileged_ports: true,
    enable_unprivileged_icmp: true,
    containerd: {
      default_runtime_name: 'runc',
      runtimes: {
        runc: {
          runtime_type: 'io.containerd.runc.v2',
          options: { SystemdCgroup: false, Root: folders.runc },
        },
      },
    },
    cni: {
      ...(hasSeveralPlugins ? { bin_dirs: [pluginsDirectory] } : { bin_dir: pluginsDirectory }),
      conf_dir: folders.networks,
      max_conf_num: 1,
    },
  };
}

function images({ folders, pauseImage }: ContainerdSettings): TomlTable {
  return { sandbox_image: pauseImage, registry: { config_path: folders.registries } };
}

function pinnedImages({ folders, pauseImage }: ContainerdSettings): TomlTable {
  return { pinned_images: { sandbox: pauseImage }, registry: { config_path: folders.registries } };
}

/** Source: TOML 1.0; its basic strings and JSON's are written alike. */
function toml(table: TomlTable, path: readonly string[] = []): string {
  const entries = Object.entries(table);
  const values = entries.filter((entry): entry is [string, TomlValue] => !isTable(entry[1]));
  const tables = entries.filter((entry): entry is [string, TomlTable] => isTable(entry[1]));
  const heading = path.length > 0 && values.length > 0 ? [`[${path.map(quoted).join('.')}]`] : [];
  return [
    ...heading,
    ...values.map(([name, value]) => `${quoted(name)} = ${JSON.stringify(value)}`),
    ...tables.map(([name, inner]) => toml(inner, [...path, name])),
  ].join('\n');
}

function isTable(value: TomlValue | TomlTable): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value);
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
