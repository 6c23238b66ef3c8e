import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { discoverDocker } from './docker-discovery.ts';
import type { DiscoveryWorld } from './docker-discovery.ts';

function world(more: Partial<DiscoveryWorld> & { files?: Record<string, string> } = {}): DiscoveryWorld {
  const files = more.files ?? {};
  return {
    env: {},
    home: '/home/ada',
    platform: 'linux',
    userId: 1000,
    exists: (file) => file in files,
    read: (file) => files[file] ?? null,
    ...more,
  };
}

const colimaId = createHash('sha256').update('colima').digest('hex');
const colima = {
  '/home/ada/.docker/config.json': '{"currentContext":"colima"}',
  [`/home/ada/.docker/contexts/meta/${colimaId}/meta.json`]:
    '{"Name":"colima","Endpoints":{"docker":{"Host":"unix:///home/ada/.colima/default/docker.sock"}}}',
};

describe('discovery of a Docker engine', () => {
  test('DOCKER_HOST is the only candidate when it is set', () => {
    const found = discoverDocker(
      world({ env: { DOCKER_HOST: 'tcp://10.0.0.7' }, files: { ...colima, '/var/run/docker.sock': '' } }),
    );
    expect(found.candidates).toEqual([
      { url: 'tcp://10.0.0.7', target: { host: '10.0.0.7', port: 2375, tls: null }, because: 'DOCKER_HOST' },
    ]);
  });

  test('DOCKER_HOST with TLS reads the certificates', () => {
    const found = discoverDocker(
      world({
        env: { DOCKER_HOST: 'tcp://box:2400', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' },
        files: { '/certs/ca.pem': 'CA', '/certs/cert.pem': 'CERT', '/certs/key.pem': 'KEY' },
      }),
    );
    expect(found.candidates[0]?.target).toEqual({
      host: 'box',
      port: 2400,
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY' },
    });
  });

  test('an engine behind ssh is refused with the reason', () => {
    const found = discoverDocker(world({ env: { DOCKER_HOST: 'ssh://ada@box' } }));
    expect(found.candidates).toEqual([]);
    expect(found.refusals[0]?.reason).toContain('another machine');
  });

  test('the current context comes before known sockets, each engine once', () => {
    const found = discoverDocker(
      world({ files: { ...colima, '/var/run/docker.sock': '', '/home/ada/.colima/default/docker.sock': '' } }),
    );
    expect(found.candidates.map(({ url, because }) => [url, because])).toEqual([
      ['unix:///home/ada/.colima/default/docker.sock', 'docker context colima'],
      ['unix:///var/run/docker.sock', 'known socket (Docker Engine)'],
    ]);
  });

  test('DOCKER_CONTEXT goes before the configured context', () => {
    const found = discoverDocker(world({ env: { DOCKER_CONTEXT: 'default' }, files: colima }));
    expect(found.candidates).toEqual([]);
  });

  test('damaged files of the docker command line are passed over', () => {
    const files = { '/home/ada/.docker/config.json': '{"currentContext":', '/var/run/docker.sock': '' };
    expect(discoverDocker(world({ files })).candidates).toHaveLength(1);
  });

  test.each([
    ['/home/ada/.docker/desktop/docker.sock', 'Docker Desktop'],
    ['/home/ada/.orbstack/run/docker.sock', 'OrbStack'],
    ['/home/ada/.rd/docker.sock', 'Rancher Desktop'],
    ['/run/user/1000/podman/podman.sock', 'rootless Podman'],
    ['/run/user/1000/docker.sock', 'rootless Docker'],
  ])('knows the socket %s', (file, owner) => {
    expect(discoverDocker(world({ files: { [file]: '' } })).candidates).toEqual([
      { url: `unix://${file}`, target: { socketPath: file }, because: `known socket (${owner})` },
    ]);
  });

  test('on Windows the named pipes are asked', () => {
    const found = discoverDocker(world({ platform: 'win32' }));
    expect(found.candidates[0]?.target).toEqual({ socketPath: '//./pipe/docker_engine' });
  });
});
