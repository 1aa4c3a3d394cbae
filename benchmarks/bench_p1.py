"""P1 against dsmr-parser, the library under Home Assistant and dsmr-reader.

Prints two ratios: the library (telegram bytes to typed values, checksum verified) and the whole command
(file to JSON lines). dsmr-parser is installed into an environment of its own under build/bench/. Both sides
run in turn, A B A B, in one go; what counts is CPU time and the median of the pairs' ratios, because a busy
machine slows both alike.

The input is made here: one telegram a second of a Flemish three-phase meter, restless enough that four lines
of each telegram were never seen before, as in a recorded quarter-hour (4.0 there, 3.9 here), because what is
remembered of earlier lines is a good part of our speed. Give a file to use a recording instead.
"""

import json
import os
import random
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BENCH = ROOT / "build" / "bench"
PEER = BENCH / "dsmr" / "bin" / "python"
VERSION = "1.11.2"
PAIRS = 7
COMMAND_PAIRS = 5

KWARTIER_LIBRARY = """
import sys, time
from kwartier.protocols.p1 import decode
data = open(sys.argv[1], "rb").read()
start = time.process_time()
events = decode(data)
spent = time.process_time() - start
print(spent / len(events), len(events))
"""

PEER_LIBRARY = """
import sys, time
from dsmr_parser import telegram_specifications
from dsmr_parser.clients.telegram_buffer import TelegramBuffer
from dsmr_parser.exceptions import ParseError
from dsmr_parser.parsers import TelegramParser
text = open(sys.argv[1], newline="").read()
parser = TelegramParser(telegram_specifications.BELGIUM_FLUVIUS)
start = time.process_time()
buffer = TelegramBuffer()
count = 0
for at in range(0, len(text), 65536):
    buffer.append(text[at:at + 65536])
    for telegram in buffer.get_all():
        count += 1
        try:
            parser.parse(telegram)
        except ParseError:
            pass
spent = time.process_time() - start
print(spent / count, count)
"""

PEER_COMMAND = """
import sys
from dsmr_parser import telegram_specifications
from dsmr_parser.clients.telegram_buffer import TelegramBuffer
from dsmr_parser.exceptions import ParseError
from dsmr_parser.parsers import TelegramParser
parser = TelegramParser(telegram_specifications.BELGIUM_FLUVIUS)
buffer = TelegramBuffer()
with open(sys.argv[1], newline="") as stream:
    while text := stream.read(65536):
        buffer.append(text)
        for telegram in buffer.get_all():
            try:
                print(parser.parse(telegram).to_json())
            except ParseError:
                pass
"""


def main() -> None:
    """Prepare both sides, measure, print."""
    prepare_peer()
    own = str(ROOT / ".venv" / "bin" / "python")
    path = sys.argv[1] if len(sys.argv) > 1 else str(recording(2000))
    print(f"input: {path}, {Path(path).stat().st_size} bytes; medians of pairs, CPU time")
    library = [
        (said([own, "-c", KWARTIER_LIBRARY, path]), said([str(PEER), "-c", PEER_LIBRARY, path]))
        for _ in range(PAIRS)
    ]
    report("library", library)
    if len(sys.argv) == 1:
        path = str(recording(1000))  # a quarter of an hour, so starting up counts
        print(f"input: {path}, {Path(path).stat().st_size} bytes")
    kwartier = str(ROOT / ".venv" / "bin" / "kwartier")
    command = [
        (spent([kwartier, "p1", "decode", path]), spent([str(PEER), "-c", PEER_COMMAND, path]))
        for _ in range(COMMAND_PAIRS)
    ]
    report("command", command)


def prepare_peer() -> None:
    """Install dsmr-parser where it touches nothing else."""
    wanted = f"import importlib.metadata as m; assert m.version('dsmr-parser') == '{VERSION}'"
    if (
        PEER.exists()
        and subprocess.run([PEER, "-c", wanted], capture_output=True, check=False).returncode == 0
    ):
        return
    BENCH.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", str(BENCH / "dsmr")], check=True)
    subprocess.run([str(PEER), "-m", "pip", "install", "-q", f"dsmr-parser=={VERSION}"], check=True)


def said(command: list[str]) -> float:
    """Seconds per telegram, which the program measured itself."""
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(out[0])


def spent(command: list[str]) -> float:
    """CPU seconds of a whole process that prints to a file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Path(os.devnull).open("wb") as nothing:
        subprocess.run(command, stdout=nothing, stderr=nothing, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def report(name: str, pairs: list[tuple[float, float]]) -> None:
    """One line of figures, and the same for programs."""
    ratio = statistics.median(peer / own for own, peer in pairs)
    own, peer = (statistics.median(side) for side in zip(*pairs, strict=True))
    unit = "us/telegram" if name == "library" else "s"
    scale = 1e6 if name == "library" else 1
    print(
        f"p1 {name}: {ratio:.1f} x dsmr-parser {VERSION} ({own * scale:.3g} against {peer * scale:.4g} {unit})"
    )
    print(json.dumps({"benchmark": f"p1_{name}", "ratio": round(ratio, 1)}))


def recording(count: int) -> Path:
    """`count` seconds of a meter, always the same ones."""
    dice = random.Random(1)
    path = BENCH / f"p1_{count}.txt"
    base = [230.0, 40.0, 170.0]
    energy_wh = 3_594_884.0
    out = bytearray()
    for second in range(count):
        base = [dice.choice((0, 40, 170, 230, 900, 2000)) if dice.random() < 0.005 else w for w in base]
        watts = [max(0.0, w + dice.gauss(0, 200)) for w in base]
        energy_wh += sum(watts) / 3600
        out += telegram(second, watts, energy_wh, dice)
    path.write_bytes(out)
    return path


def telegram(second: int, watts: list[float], energy_wh: float, dice: random.Random) -> bytes:
    """One telegram of e-MUCS-P1 1.6, 740 bytes."""
    volts = [226.0 + dice.gauss(0, 0.3) for _ in watts]
    clock = f"{17 + second // 3600:02}{second // 60 % 60:02}{second % 60:02}"
    lines = [
        "/FLU5\\253769484_A",
        "",
        "0-0:96.1.4(50216)",
        "0-0:96.1.1(3153414733313030333438373435)",
        f"0-0:1.0.0(221127{clock}W)",
        f"1-0:1.8.1({energy_wh / 1000:010.3f}*kWh)",
        "1-0:1.8.2(003113.135*kWh)",
        "1-0:2.8.1(000000.304*kWh)",
        "1-0:2.8.2(000000.149*kWh)",
        "0-0:96.14.0(0002)",
        f"1-0:1.7.0({sum(watts) / 1000:06.3f}*kW)",
        "1-0:2.7.0(00.000*kW)",
        *(f"1-0:{code}.7.0({w / 1000:06.3f}*kW)" for code, w in zip((21, 41, 61), watts, strict=True)),
        *(f"1-0:{code}.7.0(00.000*kW)" for code in (22, 42, 62)),
        *(f"1-0:{code}.7.0({v:05.1f}*V)" for code, v in zip((32, 52, 72), volts, strict=True)),
        *(f"1-0:{code}.7.0({w / v:06.2f}*A)" for code, w, v in zip((31, 51, 71), watts, volts, strict=True)),
        "0-0:96.3.10(1)",
        "0-0:17.0.0(999.9*kW)",
        "1-0:31.4.0(999*A)",
        "0-0:96.13.0()",
        "0-1:24.1.0(003)",
        "0-1:96.1.1(37464C4F32313231303630353130)",
        "0-1:24.4.0(1)",
        f"0-1:24.2.3(221127{clock[:2]}{second // 300 % 12 * 5:02}00W)(01581.788*m3)",
        "!",
    ]
    body = "\r\n".join(lines).encode()
    return body + b"%04X\r\n" % checksum(body)


def checksum(body: bytes) -> int:
    """CRC-16/ARC, bit by bit: the input must not come from what is measured."""
    state = 0
    for byte in body:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0xA001 if state & 1 else 0)
    return state


if __name__ == "__main__":
    main()
