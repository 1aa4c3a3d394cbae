"""A question to a service on the internet, as a value: whoever has sockets asks it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A GET. Secrets are apart, so that nothing that is shown or logged holds them."""

    url: str
    path: str = ""
    """Below `url`."""
    path_key: str = field(default="", repr=False)
    """A secret between `url` and `path`, for services that want it there."""
    params: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Parameters that are secret."""
    bearer: str = field(default="", repr=False)
    """A token for the header `Authorization`."""

    @property
    def address(self) -> str:
        """What to ask, with a secret in it where the service wants it so: never to be shown."""
        parts = (self.url.rstrip("/") if self.path else self.url, self.path_key, self.path)
        return "/".join(part for part in parts if part)

    @property
    def shown(self) -> str:
        """For messages: the address with its parameters, without secrets and without a user in it."""
        head, mark, rest = self.url.partition("://")
        place, slash, path = rest.partition("/")
        told = f"{head}{mark}{place.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
        if self.path:
            told = f"{told.rstrip('/')}/{self.path}"
        query = "&".join(f"{name}={value}" for name, value in self.params)
        return f"{told}?{query}" if query else told
