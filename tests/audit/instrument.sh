#!/usr/bin/env bash
# Compiles one of our crates so that it counts which of its lines run.
exec "$@" -C instrument-coverage
