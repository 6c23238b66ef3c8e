#!/usr/bin/env bash
# Makes a bare Debian machine ready for `npm test`: Docker engine, Chromium, and the tools that tests call.
set -euo pipefail

need=()
command -v dockerd >/dev/null || need+=(docker.io iptables)
[ -x /usr/bin/chromium ] || need+=(chromium)
[ -x /bin/busybox ] || need+=(busybox-static)
command -v docker-compose >/dev/null || need+=(docker-compose)
command -v strace >/dev/null || need+=(strace)
command -v curl >/dev/null || need+=(curl)
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || need+=(postgresql)
/usr/bin/python3 -c 'import flask, requests' 2>/dev/null || need+=(python3-flask python3-requests)
command -v lintian >/dev/null || need+=(lintian)
command -v fakeroot >/dev/null || need+=(fakeroot)
command -v dpkg-deb >/dev/null || need+=(dpkg-dev)
if [ ${#need[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi

if ! docker info >/dev/null 2>&1; then
  rm -f /var/run/docker.pid
  setsid nohup dockerd >/tmp/orrery-dockerd.log 2>&1 </dev/null &
  for _ in $(seq 1 60); do
    docker info >/dev/null 2>&1 && break
    sleep 0.5
  done
fi
docker info --format 'Docker {{.ServerVersion}}, {{.Driver}}, {{.NCPU}} CPUs'
