#!/usr/bin/env bash
# Assembles the folder of the Crossplane package: crossplane.yaml and the CRDs of the Helm chart.
#
# Usage: package/build.sh FOLDER        FOLDER must be empty or missing
#
# Then, with the image built from the Dockerfile:
#   crossplane xpkg build --package-root FOLDER --embed-runtime-image IMAGE --package-file provider-discord.xpkg
set -euo pipefail

[ "$#" -eq 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 64; }
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
crds="$here/../chart/provider-discord/crds"

mkdir -p "$folder"
[ -z "$(ls -A "$folder")" ] || { echo "package: $folder is not empty" >&2; exit 1; }
mkdir "$folder/crds"
cp "$here/crossplane.yaml" "$folder/"
cp "$crds"/*.yaml "$folder/crds/"
echo "package: crossplane.yaml and $(find "$folder/crds" -name '*.yaml' | wc -l) CRDs in $folder"
