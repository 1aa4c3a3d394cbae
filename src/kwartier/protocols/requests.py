"""A question to a service on the internet, as a value: whoever has sockets asks it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A GET. Secrets are apart, so that nothing that is shown or logged holds them."""

    url: str
    params: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Parameters that are secret."""
    bearer: str = field(default="", repr=False)
    """A token for the header `Authorization`."""

    @property
    def shown(self) -> str:
        """For messages: the address with its parameters, without secrets and without a user in it."""
        head, mark, rest = self.url.partition("://")
        place, slash, path = rest.partition("/")
        query = "&".join(f"{name}={value}" for name, value in self.params)
        told = f"{head}{mark}{place.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
        return f"{told}?{query}" if query else told
