#!/usr/bin/env bash
# Builds the functions for Lambda in the release profile: .patchbay/lambda/<name>/bootstrap, which the template's CodeUri
# names, and .patchbay/packages/<architecture>/<name>.zip, the same ready to upload.
set -euo pipefail
architecture="$1" tools="$2"
shift 2
cd "$(dirname "$0")/.."
case "$architecture" in
  arm64) target=aarch64-unknown-linux-gnu ;;
  x86_64) target=x86_64-unknown-linux-gnu ;;
  *) echo "ARCHITECTURE is arm64 or x86_64, not '$architecture'." >&2; exit 2 ;;
esac
if ! rustup target add "$target"; then
  echo "The standard library for $target could not be fetched. Check the network, then run make again." >&2
  exit 1
fi
# A build for the machine at hand (target-cpu=native) would crash on Lambda's processors.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
packages=()
for name in "$@"; do packages+=(--package "$name"); done
# Lambda's system has glibc 2.34; zig links against exactly that, whatever this machine has.
PATH="$PWD/$tools/bin:$PATH" "$tools/bin/cargo-lambda" lambda build --locked --release --target "$target.2.34" \
  --lambda-dir ".patchbay/build/$architecture" "${packages[@]}"
"$tools/bin/python" infra/package_zip.py "$architecture" ".patchbay/build/$architecture" .patchbay/lambda \
  ".patchbay/packages/$architecture" "$@"
# Which version it is, for whoever finds the packages later.
git log -1 --format='%h of %cs' >".patchbay/packages/$architecture/commit" 2>/dev/null || true
echo "Built for $architecture. Deploy with Architecture=$architecture; docs/DEPLOY.md says how."
