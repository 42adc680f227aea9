"""Bodies of uploads and updates as text, sound and spoiled, for property tests."""

import json
from collections.abc import Sequence

from hypothesis import strategies as st

WIDTH = 2

plain_numbers = st.one_of(
    st.floats(-3e38, 3e38).map(repr),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(["0", "-0", "-0.0", "1E5", "1e-400", "5e-324", "0.1e+2", "18446744073709551615"]),
)
odd_numbers = st.sampled_from(
    [
        *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e39", "3.4028235677973366e38", "01", "1."),
        *("3.4028235677973362e38", "1" + "0" * 400, "1" + "0" * 5000, str(2**128 - 2**103 - 1), "+1"),
    ]
)
odd_values = odd_numbers | st.sampled_from(
    ["null", "true", '"1"', "[]", "{}", "[1]", '{"a": 1}', '"\\ud800"', '""', '"\n"', "[[1, 2]]"]
)
strings = st.text().map(json.dumps) | st.sampled_from(['"a"', '"a_1"', '"b_2"', '"A_0"'])


def array(values: Sequence[str]) -> str:
    return f"[{', '.join(values)}]"


def object_of(pairs: Sequence[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


def rows(numbers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(numbers, min_size=WIDTH, max_size=WIDTH).map(array)


json_values = st.recursive(
    st.one_of(plain_numbers, strings, st.sampled_from(["null", "true", "false"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(array), st.lists(st.tuples(strings, inner), max_size=3).map(object_of)
    ),
    max_leaves=6,
)
keys = strings | st.sampled_from(
    ['"embeddings"', '"embedding"', '"source_id"', '"chunk_id"', '"metadata"', '"file_id"', '"\\ud800"']
)
pairs = st.tuples(keys, json_values | odd_values)
tame_row = rows(plain_numbers)
wild_row = st.one_of(
    rows(plain_numbers | odd_values), st.lists(plain_numbers, max_size=3).map(array), odd_values
)
matrices = st.one_of(
    st.lists(tame_row, min_size=1, max_size=4).map(array),
    st.lists(tame_row | wild_row, max_size=4).map(array),
)


def chunks(
    row: st.SearchStrategy[str], more: st.SearchStrategy[list[tuple[str, str]]]
) -> st.SearchStrategy[str]:
    required = st.tuples(
        strings.map(lambda text: ('"chunk_id"', text)), row.map(lambda text: ('"embedding"', text))
    )
    return st.tuples(more, required, more).map(lambda groups: object_of([*groups[0], *groups[1], *groups[2]]))


def documents(
    chunk: st.SearchStrategy[str], more: st.SearchStrategy[list[tuple[str, str]]]
) -> st.SearchStrategy[str]:
    required = st.tuples(
        strings.map(lambda text: ('"source_id"', text)),
        st.lists(chunk, max_size=3).map(lambda found: ('"embeddings"', array(found))),
    )
    return st.tuples(more, required, more).map(lambda groups: object_of([*groups[0], *groups[1], *groups[2]]))


none: st.SearchStrategy[list[tuple[str, str]]] = st.just([])
metadata = st.lists(
    st.tuples(
        st.just('"metadata"'),
        st.lists(st.tuples(strings, json_values), max_size=2).map(object_of) | st.just("null"),
    ),
    max_size=1,
)
tame_chunk = chunks(tame_row, none)
tame = documents(tame_chunk, metadata)
lookalikes = st.tuples(
    st.sampled_from(['"embeddings"', '"metadata"', '"more"']), st.lists(tame_chunk, max_size=3).map(array)
)
"""Arrays in a document that look like its chunks, or are those that come twice."""
wild = documents(
    chunks(tame_row | wild_row, st.lists(pairs, max_size=1)) | odd_values,
    st.lists(pairs | lookalikes, max_size=2),
)
inserts = st.lists(tame, min_size=1, max_size=4).map(array) | st.lists(tame | wild, max_size=3).map(array)
updates = st.lists(
    st.tuples(strings | st.sampled_from(['"a_0"', '"a_1"', '"a_2"']), tame_row | wild_row), max_size=3
).map(object_of)


def bodies(embeddings: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Spells bodies with embeddings, and other fields before and after them, or something else."""
    field = embeddings.map(lambda text: ('"embeddings"', text))
    tame_pairs = st.lists(st.tuples(strings, json_values), max_size=2)
    wild_pairs = st.lists(pairs | field, max_size=1)
    return st.one_of(
        field.map(lambda pair: object_of([pair])),
        st.tuples(tame_pairs, field, tame_pairs).map(
            lambda parts: object_of([*parts[0], parts[1], *parts[2]])
        ),
        st.tuples(wild_pairs, field, wild_pairs).map(
            lambda parts: object_of([*parts[0], parts[1], *parts[2]])
        ),
        embeddings | json_values,
    ).map(lambda text: text.encode(errors="surrogatepass"))
