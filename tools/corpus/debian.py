"""Fetching and unpacking Debian packages as sources of text.

`apt-get download` takes a package from the machine's own Debian mirror, `dpkg-deb -x` unpacks it without
installing anything. Name, version and SHA-256 of each .deb are recorded, so a corpus says exactly what it is made of.
"""
import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Package:
    name: str
    version: str
    sha256: str  # of the .deb file
    root: Path  # where it lies unpacked

    def files(self, *patterns: str) -> list[Path]:
        """Regular files whose path (relative to the package's root) matches one of the patterns, in sorted order."""
        found = set()
        for pattern in patterns:
            found |= {p for p in self.root.glob(pattern) if p.is_file() and not p.is_symlink()}
        return sorted(found, key=lambda p: str(p.relative_to(self.root)))


def obtain(name: str, cache: Path) -> Package:
    """The package, downloaded and unpacked under `cache` unless it already is."""
    debs, unpacked = cache / "debs", cache / "unpacked"
    debs.mkdir(parents=True, exist_ok=True)
    found = sorted(debs.glob(f"{name}_*.deb"))
    if not found:
        subprocess.run(["apt-get", "download", name], cwd=debs, check=True, capture_output=True)
        found = sorted(debs.glob(f"{name}_*.deb"))
    if len(found) != 1:
        raise RuntimeError(f"{debs}: {len(found)} files for package {name}, expected one; remove the stale ones")
    deb = found[0]
    root = unpacked / name
    if not root.exists():
        partial = unpacked / f"{name}.partial"
        partial.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg-deb", "-x", str(deb), str(partial)], check=True)
        partial.rename(root)
    field = subprocess.run(["dpkg-deb", "-f", str(deb), "Version"], check=True, capture_output=True, text=True)
    return Package(name, field.stdout.strip(), hashlib.sha256(deb.read_bytes()).hexdigest(), root)
