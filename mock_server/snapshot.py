"""Snapshots: a world as one file, which another process can go on from.

The file is a line of words, a JSON document and the numbers of all arrays, one behind the other. The document
spells every object of the world as its class and its attributes, once, and refers to it by number from then
on. Nothing in it is code: a reader makes objects of this package's own classes and fills in values.

What belongs to the server and not to the world is left out: its embedder, its folders, its API key. So are
the journal and the ledger, which tell of one process.
"""

import importlib
import math
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from mock_server.faults import Faults
from mock_server.jobs import JobBook, Mode
from mock_server.payload import decode, encode
from mock_server.session import Settings, World
from mock_server.vectors import Vectors

FORMAT = 1
"""Counts the shapes that snapshots have had: with another one the file is refused."""
BEGINNING = re.compile(rb"vecpact-snapshot ([0-9]{1,9}) ([0-9]{1,15})\n")
PACKAGE = "mock_server"
DTYPES = ("float32", "float64", "int64", "bool")
EXACT = 2**53  # JSON's integers up to here are read by everybody as they are written

Array = NDArray[Any]
Coded = Any


class UnfitError(ValueError):
    """Says why a file cannot be restored."""


def save(world: World) -> bytes:
    """Writes a world."""
    writer = Writer({id(value): name for name, value in _surroundings(world).items()})
    parts = {part.service: part for part in world.parts.values()}
    document = {
        "now": world.clock.now(),
        "frozen": world.clock.frozen,
        "max_items": world.settings.max_items,
        "jobs_mode": writer.code(world.settings.jobs),
        "journal": [world.journal.entries, world.journal.most_bytes, world.journal.body_bytes],
        "dimension": world.equipment.embedder.dimension,
        "random": writer.code(world.random.getstate()),
        "items": {name: part.items for name, part in parts.items()},
        "parts": {name: writer.code(part) for name, part in parts.items()},
        "jobs": writer.code(world.jobs),
        "faults": writer.code(world.faults),
        "arrays": writer.arrays_told(),
    }
    text = orjson.dumps(document)
    return b"".join([b"vecpact-snapshot %d %d\n" % (FORMAT, len(text)), text, *writer.octets()])


def load(world: World, octets: bytes) -> None:
    """Puts a world in the place of another, whole or not at all; `UnfitError` says why it cannot be."""
    beginning = BEGINNING.match(octets)
    if beginning is None:
        raise UnfitError("the body is no snapshot: expected what GET /_mock/snapshot answers")
    number, length = int(beginning[1]), int(beginning[2])
    if number != FORMAT:
        raise UnfitError(f"the snapshot has format {number}, this version reads format {FORMAT}")
    body = beginning.end()
    if len(octets) < body + length:
        raise UnfitError(f"the snapshot ends too early, after {len(octets)} bytes")
    try:
        _put(world, orjson.loads(octets[body : body + length]), memoryview(octets)[body + length :])
    except UnfitError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ImportError, RecursionError) as error:
        raise UnfitError(f"the snapshot is damaged: {type(error).__name__} {error}") from None


def _put(world: World, document: Mapping[str, Any], octets: memoryview) -> None:
    own = {part.service: kind for kind, part in world.parts.items()}
    for name, items in document["items"].items():
        if name not in own and items:
            raise UnfitError(f"the snapshot holds {items} items of {name}, which this server does not serve")
    dimension = document["dimension"]
    if dimension != world.equipment.embedder.dimension and document["items"].get("moorcheh"):
        raise UnfitError(
            f"the snapshot's texts are embedded in {dimension} dimensions, this server's embedder makes "
            f"{world.equipment.embedder.dimension}"
        )
    fresh = world.worlds.make(world.name)
    reader = Reader(document["arrays"], octets, {**_surroundings(fresh), "world": world})
    mode = reader.read(
        document["jobs_mode"]
    )  # in the order in which they were written: later ones refer to it
    parts = {own[name]: reader.read(coded) for name, coded in document["parts"].items() if name in own}
    jobs, faults = reader.read(document["jobs"]), reader.read(document["faults"])
    bounds = document["journal"]
    kinds: list[tuple[object, type]] = [(part, kind) for kind, part in parts.items()]
    for got, kind in [*kinds, (mode, Mode), (jobs, JobBook), (faults, Faults)]:
        if type(got) is not kind:
            raise TypeError(f"expected {kind.__name__}, got {type(got).__name__}")
    fresh.random.setstate(reader.read(document["random"]))
    fresh.clock.resume(float(document["now"]), frozen=document["frozen"] is True)
    fresh.settings = Settings(int(document["max_items"]), mode, world.settings.api_key)
    fresh.parts = {**fresh.parts, **parts}
    fresh.jobs, fresh.faults = jobs, faults
    fresh.journal.entries, fresh.journal.most_bytes, fresh.journal.body_bytes = map(int, bounds)
    world.become(fresh)


def _surroundings(world: World) -> Mapping[str, object]:
    """Answers what objects of a world refer to without its being saved with them."""
    return {
        "world": world,
        "clock": world.clock,
        "random": world.random,
        "equipment": world.equipment,
        "embedder": world.equipment.embedder,
    }


class Writer:
    """Codes values as JSON, objects and arrays each once; `around` names those that are left out, by `id`."""

    def __init__(self, around: Mapping[int, str]) -> None:
        self._around = around
        self._numbers: dict[int, int] = {}
        self._kept: list[object] = []  # whose `id` must not come again
        self._arrays: list[Array] = []
        self._places: dict[int, int] = {}

    def code(self, value: object) -> Coded:
        """Codes a value; TypeError if it is none that can be saved."""
        kind = type(value)
        if value is None or kind is str or kind is bool:
            return value
        coder = CODERS.get(kind)
        if coder is not None:
            return coder(self, value)
        around = self._around.get(id(value))
        if around is not None:
            return {"around": around}
        if kind is Random:
            return {"random": self.code(value.getstate())}  # type: ignore[attr-defined]  # a Random by now
        number = self._numbers.get(id(value))
        if number is not None:
            return {"ref": number}
        if kind.__module__.partition(".")[0] != PACKAGE:
            raise TypeError(f"{kind.__module__}.{kind.__qualname__} cannot be saved")
        number = self._number(value)
        code = self.code
        return {
            "new": number,
            "class": f"{kind.__module__}:{kind.__qualname__}",
            "has": {name: code(held) for name, held in _attributes(value).items()},
        }

    def arrays_told(self) -> Sequence[Mapping[str, Any]]:
        """Tells the type and the shape of each array."""
        return [{"dtype": str(each.dtype), "shape": each.shape} for each in self._arrays]

    def octets(self) -> Sequence[bytes | memoryview]:
        """Answers the numbers of each array."""
        return [np.ascontiguousarray(each).data.cast("B") if each.size else b"" for each in self._arrays]

    def integer(self, value: int) -> Coded:
        """Codes an integer: one that is large as its digits."""
        return value if -EXACT <= value <= EXACT else {"int": hex(value)}

    def number(self, value: float) -> Coded:
        """Codes a float."""
        return value if math.isfinite(value) else {"float": repr(value)}

    def mapping(self, value: Mapping[Any, Any]) -> Coded:
        """Codes a mapping: what is JSON as JSON, however deep it is nested."""
        if _is_json(value):
            return {"json": encode(value).decode()}
        return {"dict": [[self.code(key), self.code(of)] for key, of in value.items()]}

    def array(self, value: Array) -> Coded:
        """Codes an array, or the part of one that is a row of it."""
        base = value.base
        if isinstance(base, np.ndarray) and value.ndim == 1 and base.flags.c_contiguous:
            first = value.ctypes.data - base.ctypes.data
            if value.flags.c_contiguous and first % value.itemsize == 0 and base.dtype == value.dtype:
                return {"row": [self._place(base), first // value.itemsize, len(value)]}
        return {"array": self._place(value)}

    def counter(self, value: "count[int]") -> Coded:
        """Codes a counter, which several objects may share, by the number that comes next."""
        number = self._numbers.get(id(value))
        if number is not None:
            return {"ref": number}
        return {"new": self._number(value), "count": int(repr(value)[6:-1])}

    def _place(self, array: Array) -> int:
        place = self._places.get(id(array))
        if place is None:
            place = self._places[id(array)] = len(self._arrays)
            self._arrays.append(array)
        return place

    def _number(self, value: object) -> int:
        self._numbers[id(value)] = len(self._kept)
        self._kept.append(value)
        return len(self._kept) - 1


CODERS: Mapping[type, Callable[[Writer, Any], Coded]] = {
    int: Writer.integer,
    float: Writer.number,
    list: lambda writer, value: [writer.code(each) for each in value],
    dict: Writer.mapping,
    tuple: lambda writer, value: {"tuple": [writer.code(each) for each in value]},
    set: lambda writer, value: {"set": [writer.code(each) for each in sorted(value, key=repr)]},
    frozenset: lambda writer, value: {"frozenset": [writer.code(each) for each in sorted(value, key=repr)]},
    deque: lambda writer, value: {"deque": [writer.code(each) for each in value]},
    range: lambda _writer, value: {"range": [value.start, value.stop, value.step]},
    type(Path()): lambda _writer, value: {"path": str(value)},
    np.ndarray: Writer.array,
    count: Writer.counter,
}
"""How values are coded that are of no class of this package."""


class Reader:
    """Reads what a `Writer` coded; `around` holds by name what was left out."""

    def __init__(
        self, told: Sequence[Mapping[str, Any]], octets: memoryview, around: Mapping[str, object]
    ) -> None:
        self._around = around
        self._known: dict[int, object] = {}
        self._arrays = [*_arrays(told, octets)]

    def read(self, coded: Coded) -> Any:
        """Reads a value."""
        if type(coded) is list:
            return [self.read(each) for each in coded]
        if type(coded) is not dict:
            return coded
        if "class" in coded:
            return self._object(coded)
        name = next(iter(coded))
        return READERS[name](self, coded)

    def known(self, number: int) -> object:
        """Answers an object that was read before."""
        return self._known[number]

    def around(self, name: str) -> object:
        """Answers what was left out under a name."""
        return self._around[name]

    def counter(self, coded: Mapping[str, Any]) -> "count[int]":
        """Reads a counter."""
        counter = self._known[coded["new"]] = count(int(coded["count"]))
        return counter

    def array(self, place: int) -> Array:
        """Answers an array."""
        return self._arrays[place]

    def row(self, place: int, first: int, length: int) -> Array:
        """Answers a part of an array."""
        return self._arrays[place].reshape(-1)[first : first + length]

    def _object(self, coded: Mapping[str, Any]) -> object:
        made: object = object.__new__(_class(coded["class"]))
        self._known[coded["new"]] = made
        for name, value in coded["has"].items():
            object.__setattr__(made, name, self.read(value))
        return made


READERS: Mapping[str, Callable[[Reader, Any], Any]] = {
    "ref": lambda reader, coded: reader.known(coded["ref"]),
    "around": lambda reader, coded: reader.around(coded["around"]),
    "new": Reader.counter,
    "int": lambda _reader, coded: int(coded["int"], 16),
    "float": lambda _reader, coded: float(coded["float"]),
    "dict": lambda reader, coded: {reader.read(key): reader.read(of) for key, of in coded["dict"]},
    "tuple": lambda reader, coded: tuple(reader.read(each) for each in coded["tuple"]),
    "set": lambda reader, coded: {reader.read(each) for each in coded["set"]},
    "frozenset": lambda reader, coded: frozenset(reader.read(each) for each in coded["frozenset"]),
    "deque": lambda reader, coded: deque(reader.read(each) for each in coded["deque"]),
    "range": lambda _reader, coded: range(*coded["range"]),
    "json": lambda _reader, coded: decode(coded["json"].encode()),
    "random": lambda reader, coded: _random(reader.read(coded["random"])),
    "path": lambda _reader, coded: Path(coded["path"]),
    "array": lambda reader, coded: reader.array(coded["array"]),
    "row": lambda reader, coded: reader.row(*coded["row"]),
}
"""How what stands for a value in the document is read, by the first key of it."""


def _is_json(value: object) -> bool:
    """Tells whether a value is JSON all through."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if type(each) is dict:
            if not all(type(key) is str for key in each):
                return False
            waiting.extend(each.values())
        elif type(each) is list:
            waiting.extend(each)
        elif each is not None and type(each) not in (str, int, float, bool):
            return False
    return True


def _random(state: Any) -> Random:
    random = Random()
    random.setstate(state)
    return random


def _attributes(value: object) -> Mapping[str, object]:
    """Answers what an object holds by attribute, or what it says itself is to be `saved` of that."""
    if isinstance(value, Vectors):
        return value.saved()
    kind: Any = type(value)
    slots = {name: getattr(value, name) for name in _slots(kind)}
    return {**slots, **vars(value)} if hasattr(value, "__dict__") else slots


@cache
def _slots(kind: type) -> Sequence[str]:
    return [name for each in reversed(kind.__mro__) for name in each.__dict__.get("__slots__", ())]


def _class(name: str) -> type:
    module, _, qualname = name.partition(":")
    if module.partition(".")[0] != PACKAGE:
        raise TypeError(f"{name} is no class of {PACKAGE}")
    found = getattr(importlib.import_module(module), qualname)
    if not isinstance(found, type) or found.__module__ != module:
        raise TypeError(f"{name} is no class of {PACKAGE}")
    return found


def _arrays(told: Sequence[Mapping[str, Any]], octets: memoryview) -> "list[Array]":
    arrays = []
    start = 0
    for each in told:
        shape = [int(length) for length in each["shape"]]
        if each["dtype"] not in DTYPES or min(shape, default=0) < 0:
            raise TypeError(f"no array is of {each['dtype']} with shape {shape}")
        dtype = np.dtype(each["dtype"])
        stop = start + math.prod(shape) * dtype.itemsize
        if stop > len(octets):
            raise UnfitError(
                f"the snapshot ends too early: arrays take {stop} bytes, {len(octets)} are there"
            )
        arrays.append(np.frombuffer(octets[start:stop], dtype).reshape(shape).copy())
        start = stop
    return arrays
