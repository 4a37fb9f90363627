# RUN: %python %s %source_dir
#
# The pages in docs/reference are what mlir-tblgen makes of the .td files.

import pathlib
import shutil
import subprocess
import sys

PAGES = {
    "OwlOps.md": ("Dialect/Owl/IR/OwlOps.td", "-gen-dialect-doc", "-dialect=owl"),
    "OwlTransforms.md": ("Dialect/Owl/Transforms/Passes.td", "-gen-pass-doc"),
    "OwlConversion.md": ("Conversion/Passes.td", "-gen-pass-doc"),
}


def main():
    source = pathlib.Path(sys.argv[1])
    tblgen = pathlib.Path(shutil.which("mlir-tblgen"))
    include = tblgen.resolve().parent.parent / "include"
    stale = []
    for page, (file, *flags) in PAGES.items():
        done = subprocess.run(
            [tblgen, *flags, "-allow-hugo-specific-features",
             "-I", source / "include", "-I", include, source / "include/owl" / file],
            check=True, capture_output=True, text=True,
        )
        committed = source / "docs/reference" / page
        if not committed.exists() or committed.read_text() != done.stdout:
            stale.append(page)
    if stale:
        print(f"stale in docs/reference: {', '.join(stale)}; "
              "run: cmake --build build --target owl-doc")
    else:
        print(f"{len(PAGES)} pages are up to date")
    sys.exit(bool(stale))


if __name__ == "__main__":
    main()
