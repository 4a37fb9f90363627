# RUN: %python %s %source_dir
#
# Every valid module among the .mlir files survives printing and parsing, as text
# and as bytecode: `owl-opt --verify-roundtrip`.

import pathlib
import subprocess
import sys

# Files all of whose modules are there to be refused.
REFUSED = {"devices-invalid.mlir", "invalid.mlir", "malformed-generic.mlir"}


def owl_opt(module, *flags):
    return subprocess.run(
        ["owl-opt", "--allow-unregistered-dialect", *flags],
        input=module, capture_output=True, text=True,
    )


def main():
    source = pathlib.Path(sys.argv[1])
    folders = ["test", "utils", "docs"]
    files = sorted(file for folder in folders for file in (source / folder).rglob("*.mlir"))
    valid, failed, invalid = 0, [], []
    for file in files:
        before = valid
        for number, module in enumerate(file.read_text().split("// -----")):
            # Some are there to be refused.
            if owl_opt(module).returncode != 0:
                continue
            valid += 1
            done = owl_opt(module, "--verify-roundtrip")
            if done.returncode != 0:
                failed.append(f"{file}, module {number}: {done.stderr}")
        if valid == before and file.name not in REFUSED:
            invalid.append(f"{file}: no module of it is valid")
    print(f"{valid} modules of {len(files)} files, {len(failed)} failed")
    print("\n".join(failed + invalid))
    sys.exit(bool(failed or invalid or not valid))


if __name__ == "__main__":
    main()
