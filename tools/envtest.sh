#!/usr/bin/env bash
# Provides a real Kubernetes API server for the integration tests: prints the folder that holds
# kube-apiserver, etcd and kubectl (the envtest convention, KUBEBUILDER_ASSETS).
#
# etcd and kubectl come from the distribution. kube-apiserver is built from Debian's source package
# "kubernetes", because no package carries the binary. The result is kept in a cache folder outside
# the checkout, so the build (about six minutes on two cores) happens once per machine.
#
# Usage: tools/envtest.sh            prints the folder on standard output, progress on standard error
set -euo pipefail

if [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/kube-apiserver" ]; then
  echo "$KUBEBUILDER_ASSETS"
  exit 0
fi

# A changed recipe gets a new number, so that no machine goes on with what the old one built.
recipe=2
cache="${XDG_CACHE_HOME:-$HOME/.cache}/provider-discord/envtest/$recipe"
assets="$cache/bin"
say() { printf 'envtest: %s\n' "$*" >&2; }

complete() {
  [ -x "$assets/kube-apiserver" ] && [ -x "$assets/etcd" ] && [ -x "$assets/kubectl" ] &&
    "$assets/kube-apiserver" --version >/dev/null 2>&1
}

if complete; then
  echo "$assets"
  exit 0
fi

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

mkdir -p "$cache" "$assets"
exec 9>"$cache/lock"
say "waiting for another run of this script, if there is one"
flock 9
if complete; then
  echo "$assets"
  exit 0
fi

say "installing what the build needs (Go, rsync, jq, etcd, kubectl)"
export DEBIAN_FRONTEND=noninteractive
as_root apt-get update -qq >&2
as_root apt-get install -y -qq --no-install-recommends \
  golang-1.19-go golang-github-modern-go-reflect2-dev rsync jq dpkg-dev make gcc libc6-dev \
  etcd-server >&2
# Some images carry kubectl from elsewhere; Debian's package would collide with it.
command -v kubectl >/dev/null 2>&1 ||
  as_root apt-get install -y -qq --no-install-recommends kubernetes-client >&2

build="$cache/build"
if ! [ -x "$build/kube-apiserver" ]; then
  say "fetching the source package kubernetes"
  rm -rf "$build"
  mkdir -p "$build/apt/lists/partial" "$build/apt/sources.d" "$build/source"
  # The machine's own package sources with deb-src switched on, in a private folder: nothing of the
  # system's configuration is changed.
  for list in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/*.sources; do
    [ -f "$list" ] && grep -q 'debian' "$list" &&
      sed 's/^Types:.*/Types: deb-src/' "$list" >"$build/apt/sources.d/$(basename "$list")"
  done
  if [ -s /etc/apt/sources.list ]; then
    sed -n 's/^deb \(.*debian.*\)/deb-src \1/p' /etc/apt/sources.list >"$build/apt/sources.d/main.list"
  fi
  apt_private=(-o "Dir::State::lists=$build/apt/lists" -o "Dir::Etc::sourcelist=/dev/null"
    -o "Dir::Etc::sourceparts=$build/apt/sources.d" -o "APT::Sandbox::User=root")
  apt-get "${apt_private[@]}" update -qq >&2
  (cd "$build/source" && apt-get "${apt_private[@]}" source -qq kubernetes >&2)
  tree=$(find "$build/source" -mindepth 1 -maxdepth 1 -type d | head -n 1)
  [ -n "$tree" ] || { say "the source package could not be unpacked"; exit 1; }

  # The vendored reflect2 1.0.1 predates Go 1.18's map iterators: built with 1.19, the server faults
  # as soon as it encodes a custom resource. Debian's own copy of the library has the fix (1.0.2).
  vendored="$tree/vendor/github.com/modern-go/reflect2"
  rm -f "$vendored"/*.go "$vendored"/*.s
  cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$vendored/"
  rm -f "$vendored"/*_test.go

  say "building kube-apiserver (about six minutes on two cores)"
  mkdir -p "$tree/.go/src/k8s.io"
  ln -sfn "$tree" "$tree/.go/src/k8s.io/kubernetes"
  (
    cd "$tree/.go/src/k8s.io/kubernetes"
    export PATH="/usr/lib/go-1.19/bin:$PATH" GOPATH="$tree/.go" GO111MODULE=off CGO_ENABLED=0
    export KUBE_GIT_VERSION_FILE="$build/version" GOFLAGS="-mod=" GOCACHE="$build/gocache"
    version=$(dpkg-parsechangelog -S Version | sed -n 's/.*really\([0-9.]*\).*/\1/p;')
    version="v${version:-$(dpkg-parsechangelog -S Version | sed 's/[-+].*//')}"
    cat >"$build/version" <<VERSION
KUBE_GIT_COMMIT=debian
KUBE_GIT_TREE_STATE=archive
KUBE_GIT_VERSION=$version
KUBE_GIT_MAJOR=$(echo "$version" | cut -d. -f1 | tr -d v)
KUBE_GIT_MINOR=$(echo "$version" | cut -d. -f2)
VERSION
    make WHAT=cmd/kube-apiserver >"$build/make.log" 2>&1 ||
      { tail -n 30 "$build/make.log" >&2; exit 1; }
  )
  built=$(find "$tree/_output" -name kube-apiserver -type f -perm -u+x | head -n 1)
  [ -n "$built" ] || { say "the build left no kube-apiserver; see $build/make.log"; exit 1; }
  cp "$built" "$build/kube-apiserver"
fi

cp "$build/kube-apiserver" "$assets/kube-apiserver"
ln -sfn "$(command -v etcd)" "$assets/etcd"
ln -sfn "$(command -v kubectl)" "$assets/kubectl"
rm -rf "$build/source" "$build/gocache" "$build/apt"
complete || { say "the built kube-apiserver does not start"; exit 1; }
say "$("$assets/kube-apiserver" --version) is ready"
echo "$assets"
