import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ContainerdSettings, containerdConfig } from './containerd-config.ts';
import { networkConfig } from './network-config.ts';

const settings: ContainerdSettings = {
  version: '1.6.20',
  folders: {
    root: '/data/containerd',
    state: '/run/x/containerd',
    runc: '/run/x/runc',
    socket: '/run/x/containerd.sock',
    networks: '/run/x/networks',
    addresses: '/run/x/addresses',
    registries: '/data/"registries"',
    log: '/data/containerd.log',
  },
  pluginsDirectory: '/usr/lib/cni',
  pauseImage: 'fairway.invalid/pause:1',
  isOomScoreRestricted: true,
  hasAppArmor: false,
  hasHugetlb: false,
};

test('containerd 1 is told everything of CRI in one place', () => {
  const config = containerdConfig(settings);
  assert.match(config, /^"version" = 2$/m);
  assert.match(config, /^\["grpc"\]\n"address" = "\/run\/x\/containerd.sock"$/m);
  const cri = sectionOf(config, '"plugins"."io.containerd.grpc.v1.cri"');
  assert.match(cri, /^"sandbox_image" = "fairway.invalid\/pause:1"$/m);
  assert.match(cri, /^"restrict_oom_score_adj" = true$/m);
  assert.match(cri, /^"disable_apparmor" = true$/m);
  const registry = sectionOf(config, '"plugins"."io.containerd.grpc.v1.cri"."registry"');
  assert.equal(registry, '"config_path" = "/data/\\"registries\\""');
  const network = sectionOf(config, '"plugins"."io.containerd.grpc.v1.cri"."cni"');
  assert.match(network, /^"bin_dir" = "\/usr\/lib\/cni"$/m);
});

test('containerd 2 is told of images, containers and streams apart', () => {
  const config = containerdConfig({ ...settings, version: '2.0.4', hasAppArmor: true });
  assert.match(config, /^"version" = 3$/m);
  const images = sectionOf(config, '"plugins"."io.containerd.cri.v1.images"."pinned_images"');
  assert.equal(images, '"sandbox" = "fairway.invalid/pause:1"');
  const runtime = sectionOf(config, '"plugins"."io.containerd.cri.v1.runtime"');
  assert.match(runtime, /^"disable_apparmor" = false$/m);
  assert.doesNotMatch(runtime, /sandbox_image/);
  const streams = sectionOf(config, '"plugins"."io.containerd.grpc.v1.cri"');
  assert.match(streams, /^"stream_server_address" = "127.0.0.1"$/m);
  const network = '"plugins"."io.containerd.cri.v1.runtime"."cni"';
  assert.match(sectionOf(config, network), /^"bin_dir" = /m);
  const newer = containerdConfig({ ...settings, version: '2.1.0' });
  assert.match(sectionOf(newer, network), /^"bin_dirs" = \["\/usr\/lib\/cni"\]$/m);
});

test('a pod gets an address of each family, and the machine as its way out', () => {
  const text = networkConfig({
    podCidrs: ['10.244.1.0/24', 'fd00:1::/64'],
    addressesDirectory: '/run/x/addresses',
  });
  const [interfaces] = (JSON.parse(text) as { readonly plugins: readonly object[] }).plugins;
  assert.deepEqual(interfaces, {
    type: 'ptp',
    ipMasq: false,
    ipam: {
      type: 'host-local',
      dataDir: '/run/x/addresses',
      ranges: [[{ subnet: '10.244.1.0/24' }], [{ subnet: 'fd00:1::/64' }]],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
    },
  });
});

/** The values of a table. */
function sectionOf(config: string, name: string): string {
  const [, after = ''] = config.split(`[${name}]\n`);
  return after.split('\n[')[0] ?? '';
}
