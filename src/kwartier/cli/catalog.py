"""`kwartier catalog`: the devices that Kwartier knows."""

import json
import sys
from typing import TYPE_CHECKING

import typer

from kwartier.site.errors import ConfigError

if TYPE_CHECKING:
    from kwartier.devices.catalogue import Device

app = typer.Typer(name="catalog", help="Devices that Kwartier knows.")

_JSON = typer.Option(False, "--json", help="For programs.")


@app.callback(invoke_without_command=True)
def listing(context: typer.Context, as_json: bool = _JSON) -> None:
    """List all devices."""
    if context.invoked_subcommand is not None:
        return
    from kwartier.devices import catalogue

    devices = tuple(catalogue.everything())
    if as_json:
        print(json.dumps([_summary(device) for device in devices], indent=2))
        return
    width = max(len(device.id) for device in devices)
    for device in devices:
        mark = "" if device.verified else "  (from the map, not yet read from a device)"
        print(f"{device.id:{width}}  {device.kind:13}  {device.brand}: {', '.join(device.models)}{mark}")


@app.command()
def show(device_id: str = typer.Argument(metavar="ID"), as_json: bool = _JSON) -> None:
    """Show one device: how to connect it, its registers, what to know."""
    from kwartier.devices import catalogue

    try:
        device = catalogue.load(device_id)
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    if as_json:
        print(device.model_dump_json(indent=2, exclude_defaults=True))
        return
    for line in _pages(device):
        print(line)


@app.command()
def schema() -> None:
    """Print the JSON schema of a catalogue entry."""
    from kwartier.devices import catalogue

    print(json.dumps(catalogue.schema(), indent=2))


def _summary(device: "Device") -> dict[str, object]:
    return {
        "id": device.id,
        "kind": device.kind,
        "brand": device.brand,
        "models": list(device.models),
        "verified": device.verified,
        "transports": list(device.protocol.transports),
    }


def _pages(device: "Device") -> list[str]:
    protocol = device.protocol
    unit = f"?unit={protocol.unit}" if device.kind == "meter" else ""
    example = {
        "modbus-tcp": f"modbus-tcp://HOST:{protocol.port}{unit}",
        "modbus-rtu": f"modbus-rtu:///dev/ttyUSB0?baud={protocol.baud}&parity={protocol.parity}&unit={protocol.unit}",
    }
    out = [f"{device.brand}: {', '.join(device.models)}", f"type: {device.id}   kind: {device.kind}"]
    out += [f"connection: {example[transport]}" for transport in protocol.transports]
    out.append(
        "verified: "
        + ("read from a device" if device.verified else "from the map, not yet read from a device")
    )
    station = device.station.registers if device.station else {}
    for title, entries in (("registers", device.registers), ("registers of the station", station)):
        if entries:
            out.append(f"{title} (function {protocol.function}, {protocol.word_order} word first):")
        for name, entry in entries.items():
            unit_scale = f" x {entry.scale:g}" if entry.scale != 1 else ""
            out.append(
                f"  {entry.address:6} (0x{entry.address:04X})  {entry.type:7}{unit_scale:8}  {name}"
                f"{'  (written too)' if entry.writable else ''}"
            )
    out += [
        "to know:",
        *(f"  - {quirk.note}{f' [{quirk.source}]' if quirk.source else ''}" for quirk in device.quirks),
    ]
    return [*out, f"source: {device.source}"]
