#!/usr/bin/env bash
# Times sruja and its Python peers on the reference model and prints the table of ratios. Installs the peers into
# target/peers; needs python3 with venv, and the network once.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${CARGO_TARGET_DIR:-$PWD/target}
place=$target/peers
cargo build --release --locked
[ -x "$place/bin/python" ] || python3 -m venv "$place"
"$place/bin/pip" install --quiet --disable-pip-version-check simpy==4.1.2 ciw==3.2.7
rustc --edition 2024 -O -o "$place/floor" benches/peers/floor.rs
exec "$place/bin/python" benches/peers/run.py benches/peers "$target/release/sruja" "$place/floor"
