"""The configuration an attempt runs with: rules, limits, words and business settings, as text and digest.

An attempt lands it in `admit.conf`; a change between two tasks of a night abandons the attempt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from loanwatch.settings import Business, Settings

FOLDERS = ("rules", "classes", "words")
FILES = ("feeds.yaml", "waivers.yaml")
BUSINESS = "business.yaml"


@dataclass(frozen=True)
class Configuration:
    """The texts that can change a result, by path below conf/; a tenant's file replaces the common one."""

    texts: Mapping[str, str]

    @property
    def digest(self) -> str:
        lines = "\n".join(f"{path} {_sha256(text)}" for path, text in sorted(self.texts.items()))
        return _sha256(lines)

    @property
    def business(self) -> Business:
        return Business(**yaml.safe_load(self.texts[BUSINESS]))

    def below(self, folder: str) -> dict[str, str]:
        """The files of a folder."""
        return {path: text for path, text in self.texts.items() if path.startswith(f"{folder}/")}


def load(settings: Settings) -> Configuration:
    """The configuration of a tenant as it stands on disk."""
    texts = {BUSINESS: yaml.safe_dump(settings.business.model_dump(mode="json"), sort_keys=True, allow_unicode=True)}
    for root in (settings.conf, settings.conf / "tenants" / settings.tenant):
        texts |= {str(p.relative_to(root)): p.read_text(encoding="utf-8") for p in _files(root)}
    return Configuration(texts)


def code_digest() -> str:
    """Digest of the program: its modules, the page's templates, styles and script, and expectations."""
    package = Path(__file__).parent
    roots = [(package, ("*.py", "*.html", "*.css", "*.js")), (package.parents[1] / "expectations", ("*.json",))]
    files = sorted((p, root) for root, kinds in roots for kind in kinds for p in root.rglob(kind))
    return _sha256("\n".join(f"{p.relative_to(root)} {_sha256(p.read_text(encoding='utf-8'))}" for p, root in files))


def _files(root: Path) -> list[Path]:
    found = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.yaml"))]
    return found + [root / name for name in FILES if (root / name).is_file()]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
