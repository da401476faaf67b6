# SPDX-License-Identifier: GPL-2.0-or-later
"""Settings: one struct a section, read from layered TOML files; an unknown key is an error, never ignored.

`config/default.toml` is complete and is the reference; this module holds no default of its own.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from bot import resources
from bot.errors import ConfigError
from bot.model import Severity


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Archive(Section, frozen=True):
    url: str
    link: str
    fresh_minutes: float
    connect_timeout: float
    read_timeout: float
    max_answer_mib: int
    find_revisions: bool
    prefer_lists: tuple[str, ...]


class Attestation(Section, frozen=True):
    dns: str
    keyrings: tuple[str, ...]
    authservs: tuple[str, ...]


class Apply(Section, frozen=True):
    max_tags: int


class Check(Section, frozen=True):
    fail_on: Severity | str
    rules: tuple[str, ...]
    off: tuple[str, ...]


class Lab(Section, frozen=True):
    targets: tuple[str, ...]
    machines: tuple[str, ...]
    tests: tuple[str, ...]
    jobs: int
    build_minutes: float
    boot_seconds: float
    retries: int
    keep_gib: float
    busybox: str


class Questions(Section, frozen=True):
    stale_days: int
    very_stale_days: int
    the_rest: bool


class ReportSettings(Section, frozen=True):
    templates: str
    columns: int


class Post(Section, frozen=True):
    name: str
    address: str
    contact: str
    policy: str


class Send(Section, frozen=True):
    server: str
    port: int
    encryption: Literal['', 'starttls', 'ssl', 'none']
    user: str
    password_file: str
    command: tuple[str, ...]
    identity: str
    timeout: float
    sign: str


class User(Section, frozen=True):
    address: str
    addresses: tuple[str, ...]
    maintains: tuple[str, ...]


class StoreSettings(Section, frozen=True):
    path: str


class Engine(Section, frozen=True):
    jobs: int
    stage_minutes: float


class Settings(Section, frozen=True):
    archive: Archive
    attestation: Attestation
    trees: dict[str, str]
    apply: Apply
    check: Check
    lab: Lab
    questions: Questions
    report: ReportSettings
    post: Post
    send: Send
    user: User
    store: StoreSettings
    engine: Engine

    @property
    def store_dir(self) -> Path:
        return Path(self.store.path).expanduser() if self.store.path else _xdg('CACHE', '.cache') / 'lorebot'

    @property
    def keyrings(self) -> tuple[Path, ...]:
        """Where keys of patatt signatures are: the directories set, then b4's own."""
        own = _xdg('DATA', '.local/share') / 'b4' / 'keyring'
        return (*(Path(one).expanduser() for one in self.attestation.keyrings), own)

    @property
    def log_dir(self) -> Path:
        """Where commands are kept: beside all else, but never in a cache, which anybody may clear."""
        return self.store_dir if self.store.path else _xdg('DATA', '.local/share') / 'lorebot'


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force and, by dotted key, the file that each value came from."""

    settings: Settings
    origins: Mapping[str, str]


def load(explicit: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Read all layers; `overrides` are dotted keys from the command line. Raise `ConfigError`."""
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for path in _layers(explicit):
        _merge(merged, _read(path), str(path), origins, known=path.name == 'default.toml')
    for key, value in (overrides or {}).items():
        section, name = key.split('.', 1)
        merged[section][name] = value
        origins[key] = 'command line'
    try:
        return Loaded(msgspec.convert(merged, Settings, strict=True), origins)
    except msgspec.ValidationError as wrong:
        key = str(wrong).rpartition('$.')[2].rstrip('`')
        raise ConfigError(f'setting {key}: {wrong}', where=origins.get(key, ''), todo='correct it') from None


def enter(section: str, key: str, value: str, explicit: Path | None = None) -> Path:
    """Add a string to a section of the user's settings, or of the file named; return the file. Raise `ConfigError`.

    All that stands in the file stays as it is, and so do its mode and a link to it; it is replaced in one step.
    """
    path = explicit or _xdg('CONFIG', '.config') / 'lorebot' / 'config.toml'
    text = path.read_text(encoding='utf-8') if path.is_file() else ''
    line = f'{msgspec.json.encode(key).decode()} = {msgspec.json.encode(value).decode()}\n'
    head = re.search(rf'(?m)^\[{re.escape(section)}\][ \t]*(?:#.*)?\n?', text)
    if head is None:
        made = f'{text.rstrip()}\n\n[{section}]\n{line}'.lstrip('\n')
    else:
        opened = head[0] if head[0].endswith('\n') else f'{head[0]}\n'
        made = text[: head.start()] + opened + line + text[head.end() :]
    try:
        if tomllib.loads(made)[section][key] != value:
            raise KeyError(key)
    except (tomllib.TOMLDecodeError, KeyError):
        todo = f'write under [{section}]: {line.strip()}'
        raise ConfigError('the settings cannot be added to', where=str(path), todo=todo) from None
    _replace(path, made)
    return path


def leave_out(section: str, key: str, explicit: Path | None = None) -> Path:
    """Take a key that stands on one line out of a section of the settings that `enter` writes to; return the file.

    All else in the file stays as it is. Raise `ConfigError` where it stands elsewhere, or in another shape.
    """
    path = explicit or _xdg('CONFIG', '.config') / 'lorebot' / 'config.toml'
    text = path.read_text(encoding='utf-8') if path.is_file() else ''
    named = '|'.join(re.escape(one) for one in (key, f'"{key}"', f"'{key}'"))
    line = re.compile(rf'[ \t]*(?:{named})[ \t]*=.*')
    inside, kept = False, list[str]()
    for row in text.splitlines(keepends=True):
        inside = row.strip().partition('#')[0].strip() == f'[{section}]' if row.lstrip().startswith('[') else inside
        if not (inside and line.fullmatch(row.rstrip('\r\n'))):
            kept.append(row)
    made = ''.join(kept)
    try:
        before, after = tomllib.loads(text), tomllib.loads(made)
        del before[section][key]
        if before != after:
            raise KeyError(key)
    except (tomllib.TOMLDecodeError, KeyError):
        todo = f'take {key} out from under [{section}] by hand; `lorebot config show --origin` tells in which file'
        raise ConfigError('the settings cannot be taken from', where=str(path), todo=todo) from None
    _replace(path, made)
    return path


def _replace(path: Path, text: str) -> None:
    """Write a file of settings anew in one step, with the mode it had; raise `ConfigError`, and leave nothing behind."""
    try:
        _write_anew(path.resolve(), text)
    except OSError as failure:
        where = f'{path}: {failure.strerror}'
        raise ConfigError('the settings cannot be written', where=where, todo='check it') from None


def _write_anew(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=f'.{path.name}-', dir=path.parent)
    try:
        with os.fdopen(handle, 'w', encoding='utf-8') as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    now = os.umask(0o077)
    os.umask(now)
    return now


def _layers(explicit: Path | None) -> Iterator[Path]:
    yield resources.shipped('config') / 'default.toml'
    for path in (Path('/etc/lorebot/config.toml'), _xdg('CONFIG', '.config') / 'lorebot' / 'config.toml'):
        if path.is_file():
            yield path
    if explicit is not None:
        yield explicit


def _xdg(kind: str, fallback: str) -> Path:
    return Path(os.environ.get(f'XDG_{kind}_HOME') or Path.home() / fallback)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding='utf-8'))
    except OSError as failure:
        raise ConfigError(
            'cannot read the settings', where=f'{path}: {failure.strerror}', todo='check --config'
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ConfigError('not a TOML file', where=f'{path}: {wrong}', todo='correct the line named') from None


def _merge(into: dict[str, Any], layer: Mapping[str, Any], origin: str, origins: dict[str, str], known: bool) -> None:
    for section, values in layer.items():
        if not known and section not in into:
            raise _unknown(section, into, origin)
        if not isinstance(values, dict):
            raise ConfigError(f'{section} is a section, not a value', where=origin, todo=f'write [{section}]')
        target = into.setdefault(section, {})
        for key, value in values.items():
            if not known and section != 'trees' and key not in target:
                raise _unknown(f'{section}.{key}', [f'{section}.{k}' for k in target], origin)
            target[key] = value
            origins[f'{section}.{key}'] = origin


def _unknown(key: str, there: Any, origin: str) -> ConfigError:
    near = difflib.get_close_matches(key, list(there), n=1)
    return ConfigError(
        f'unknown setting {key}', where=origin, todo=f'did you mean {near[0]}?' if near else 'see config/default.toml'
    )
