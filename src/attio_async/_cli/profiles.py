"""Named workspaces in a private file of the configuration folder: a token, its address, and the workspace it is of."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from .completion.names import config_folder, forget_names
from .errors import Refusal


class Profile(msgspec.Struct, kw_only=True):
    """One workspace. Its token is sent to its address alone."""

    token: str
    base_url: str
    workspace_id: str
    workspace: str

    def __repr__(self) -> str:
        return f"<Profile of {self.workspace}>"


class _Kept(msgspec.Struct):
    default: str | None = None
    profiles: dict[str, Profile] = {}


class ProfileFile:
    """The file of profiles.

    Args:
        path: The file; by default in the configuration folder.

    Raises:
        Refusal: The file holds something else.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_folder() / "profiles.json"
        self._kept = self._read()

    def __iter__(self) -> Iterator[tuple[str, Profile]]:
        return iter(sorted(self._kept.profiles.items()))

    @property
    def default(self) -> str | None:
        """The name of the profile that is used when nothing else is said."""
        return self._kept.default

    def get(self, name: str) -> Profile:
        """Return the profile of this name.

        Raises:
            Refusal: It is unknown.
        """
        if name not in self._kept.profiles:
            known = ", ".join(sorted(self._kept.profiles)) or "none"
            raise Refusal(f"unknown profile {name!r}; known profiles: {known}. Run: attio-async login {name}")
        return self._kept.profiles[name]

    def chosen(self, name: str | None, environment: Mapping[str, str]) -> tuple[str, Profile] | None:
        """Return the profile to use: the named one, else the default one unless the environment has a token."""
        if name is None and environment.get("ATTIO_API_KEY", "").strip():
            return None
        if name is None:  # an empty one is not the default: a script may have lost the name
            name = self._kept.default
        return None if name is None else (name, self.get(name))

    def put(self, name: str, profile: Profile, *, default: bool) -> None:
        """Keep a profile; the first one becomes the default."""

        def put(kept: _Kept) -> None:
            kept.profiles[name] = profile
            if default or kept.default is None:
                kept.default = name

        self._change(put)

    def remove(self, name: str) -> None:
        """Forget a profile.

        Raises:
            Refusal: It is unknown.
        """
        self.get(name)

        def remove(kept: _Kept) -> None:
            kept.profiles.pop(name, None)
            if kept.default == name:
                kept.default = None

        self._change(remove)
        forget_names(name)

    def _read(self) -> _Kept:
        try:
            content = self.path.read_bytes()
            return msgspec.json.decode(content, type=_Kept) if content else _Kept()
        except FileNotFoundError:
            return _Kept()
        except (OSError, ValueError, RecursionError) as error:
            raise Refusal(f"{self.path} is not a valid file of profiles: {error}") from None

    def _change(self, change: Callable[[_Kept], None]) -> None:
        """Read the file again and change it, while no other process does."""
        from .._storage.files import atomic_file, locked_file

        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked_file(self.path):
            self._kept = self._read()
            change(self._kept)
            with atomic_file(self.path) as file:
                file.write(msgspec.json.format(msgspec.json.encode(self._kept), indent=1))
