"""Writes the contract that a running stack serves to a file, in a form that is easy to compare."""

import json
import os
import sys
import urllib.request
from pathlib import Path


def main() -> None:
    """Reads PATCHBAY_API_URL; the file's name is the first argument."""
    with urllib.request.urlopen(f"{os.environ['PATCHBAY_API_URL']}/v1/openapi.json", timeout=30) as answer:
        contract = json.load(answer)
    target = Path(sys.argv[1])
    target.write_text(json.dumps(contract, indent=2, ensure_ascii=False) + "\n")
    print(f"Wrote {target}: {len(contract['paths'])} paths.")


if __name__ == "__main__":
    main()
