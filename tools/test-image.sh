#!/usr/bin/env bash
# Assembles the runtime of the Dockerfile without Docker and starts the binary there, so that a
# missing library is found: debootstrap makes Debian 12 with the Dockerfile's own list of packages,
# and the binary runs in it as the image's user, on a read-only root without privileges.
#
# Usage, as root: tools/test-image.sh BINARY
#   The image's own binary is linked with the static Swift standard library: "make release".
#   Another one, such as a debug build, gets Swift's shared libraries from the toolchain beside it: it
#   needs the same packages. Exit code 75: this machine can't do it, and says why.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=$(realpath -m "${1:?names the binary}")
say() { printf 'image: %s\n' "$*"; }
fail() { printf 'image: %s\n' "$*" >&2; exit 1; }
cannot() { printf 'image: not on this machine: %s\n' "$*" >&2; exit 75; }

[ -x "$binary" ] || fail "there is no $binary"
[ "$(id -u)" -eq 0 ] || cannot "debootstrap and chroot need root"
unshare --mount --pid --fork bash -e 2>/dev/null <<'PROBE' || cannot "mounts and users are not allowed"
mount -t tmpfs tmpfs /mnt
mkdir /mnt/proc
mount -t proc proc /mnt/proc
mount -o remount,ro /mnt
setpriv --reuid 65532 --regid 65532 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all true
PROBE
# shellcheck disable=SC2016 # apt-get replaces the names.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
  sed -n 's|/* bookworm main$||p' | head -n 1)
[ -n "$mirror" ] || cannot "its package sources are not those of Debian 12"
command -v debootstrap >/dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
}
# As debootstrap itself asks for it.
wget -q -O /dev/null "$mirror/dists/bookworm/InRelease" || cannot "$mirror can't be reached by wget"

# All of it comes from the Dockerfile, so that the two cannot differ.
packages=$(sed -n 's/^ARG RUNTIME_PACKAGES="\(.*\)"$/\1/p' Dockerfile)
user=$(sed -n 's/^USER //p' Dockerfile)
entrypoint=$(sed -n 's/^ENTRYPOINT \["\(.*\)"\]$/\1/p' Dockerfile)
for part in "$packages" "$user" "$entrypoint"; do
  [ -n "$part" ] || fail "the Dockerfile can't be read"
done
grep -q '^FROM debian:12-slim$' Dockerfile || fail "the Dockerfile's runtime is not Debian 12"

root=$(mktemp -d)
chmod 755 "$root"
log=$(mktemp)
trap 'rm -rf "$root" "$log"' EXIT
if ! mknod "$root/null" c 1 3 2>/dev/null || ! (: >"$root/null") 2>/dev/null; then
  cannot "devices are not allowed in $(dirname "$root")"
fi
rm "$root/null"
say "Debian 12 with $packages"
downloads="${XDG_CACHE_HOME:-$HOME/.cache}/provider-discord/debootstrap"
mkdir -p "$downloads"
debootstrap --variant=minbase --include="${packages// /,}" --cache-dir="$downloads" \
  bookworm "$root" "$mirror" >"$log" 2>&1 ||
  { tail -n 20 "$log" >&2; fail "debootstrap failed"; }
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt "$root"/var/log/*
# What debian:12-slim leaves out of its packages.
rm -rf "$root"/usr/share/{doc,info,locale,man}/*
base=$(du -sm "$root" | cut -f1)
install -D -m 755 "$binary" "$root$entrypoint"
strip "$root$entrypoint"
cp -r scripts "$root/scripts"
cp -r chart/provider-discord/crds "$root/crds"
chmod -R go=rX "$root/scripts" "$root/crds"
mapfile -t swift < <(ldd "$binary" | sed -n 's|.* => \(/.*/swift/linux/lib[^ ]*\) .*|\1|p')
if [ "${#swift[@]}" -eq 0 ]; then
  say "size: $(du -sm "$root" | cut -f1) MB, of which Debian $base MB and the binary" \
    "$(du -sm "$root$entrypoint" | cut -f1) MB"
else
  # $ORIGIN is in the binary's path for libraries, and in theirs.
  cp -L "${swift[@]}" "$root$(dirname "$entrypoint")/"
  say "not the image's binary: ${#swift[@]} of Swift's libraries lie beside it, not within"
fi

missing=$(chroot "$root" ldd "$entrypoint" | grep 'not found' || true)
[ -z "$missing" ] || fail "libraries are missing:
$missing"
say "every library is there"

# Mounts of its own, so that none is left behind.
unshare --mount --pid --fork bash -euo pipefail -s "$root" "$user" "$entrypoint" <<'INSIDE'
root=$1 user=$2 entrypoint=$3
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -o remount,bind,ro "$root"
# As in a pod: the image's user, no capability, no way to get one back.
inside=(chroot "$root" /usr/bin/setpriv --reuid "${user%:*}" --regid "${user#*:}" --clear-groups
  --no-new-privs --bounding-set=-all --inh-caps=-all -- "$entrypoint")
echo "image: version $("${inside[@]}" --version)"
! touch "$root/written" 2>/dev/null || { echo "the root is not read-only" >&2; exit 1; }
port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
"${inside[@]}" sandbox --listen "127.0.0.1:$port" --kubeconfig-out /tmp/kubeconfig \
  >"$root/tmp/output" 2>&1 &
sandbox=$!
for ((second = 0; second < 100; second++)); do
  answer=$(curl -fsS "http://127.0.0.1:$port/readyz?verbose" 2>/dev/null) && break
  sleep 0.2
done
[ -n "${answer:-}" ] || { cat "$root/tmp/output" >&2; echo "the sandbox is not ready" >&2; exit 1; }
echo "$answer" | sed 's/^/image:   /'
kubectl --kubeconfig "$root/tmp/kubeconfig" --cache-dir "$root/tmp/cache" get crd -o name |
  sed 's/^/image:   /'
sleep 3
kill -0 "$sandbox" || { cat "$root/tmp/output" >&2; exit 1; }
kill -TERM "$sandbox"
wait "$sandbox" || { cat "$root/tmp/output" >&2; echo "the sandbox did not end well" >&2; exit 1; }
INSIDE
say "the binary runs in the image's runtime, as $user, on a read-only root"
