#!/usr/bin/env bash
# Fuzzes one target for some minutes: fuzz/run.sh webvtt 20. Needs Rust and a C++ compiler, no nightly toolchain: the
# instrumentation is LLVM's own and is asked for by flags. `cargo fuzz run <target>` works on the same folder.
set -euo pipefail
cd "$(dirname "$0")"
target=$1 minutes=$2
host=$(rustc -vV | sed -n 's/^host: //p')
coverage=(level=4 inline-8bit-counters pc-table trace-compares)
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module ${coverage[*]/#/-Cllvm-args=-sanitizer-coverage-}"
RUSTFLAGS+=" -Cllvm-args=-simplifycfg-branch-fold-threshold=0 -Ccodegen-units=1"
cargo build --locked --release --target "$host" --bin "$target"

case $target in
  webvtt|rules) dictionary=webvtt.dict ;;
  markdown) dictionary=markdown.dict ;;
  *) dictionary=json.dict ;;
esac
mkdir -p "corpus/$target" "artifacts/$target"
exec "target/$host/release/$target" "corpus/$target" "seeds/$target" -dict="$dictionary" \
  -max_total_time=$((minutes * 60)) -timeout=10 -rss_limit_mb=1024 -max_len=8192 \
  -print_final_stats=1 -artifact_prefix="artifacts/$target/"
