#!/bin/sh
# Runs before the package is removed: nothing that Orrery made stays in the engine. An upgrade keeps all of it.
# An engine that does not answer, or none at all, is no reason to keep the package.
set -eu

case "${1:-remove}" in
  remove | purge | 0) ;;
  *) exit 0 ;;
esac
command -v docker >/dev/null 2>&1 || exit 0
timeout 10 docker version >/dev/null 2>&1 || exit 0

# Only what carries our label is touched. $2: how this kind is listed, $3: how it is removed.
clear_away() {
  # Names are unquoted on purpose: each is an argument of its own, and an engine's ids hold no spaces.
  found=$(timeout 30 docker $2 --quiet --filter "label=$1") || return 0
  [ -z "$found" ] || timeout 120 docker $3 $found >/dev/null 2>&1 || true
}
clear_away dev.orrery.cluster 'ps --all' 'rm --force --volumes'
clear_away dev.orrery.cluster 'network ls' 'network rm'
clear_away dev.orrery.cluster 'volume ls' 'volume rm --force'
clear_away dev.orrery.image 'images' 'rmi --force'
exit 0
