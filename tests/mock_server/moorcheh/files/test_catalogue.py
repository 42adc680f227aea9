"""The ids of files."""

import hashlib

from mock_server.moorcheh.files.catalogue import file_id, item_ids


def test_a_file_id_is_a_digest_of_namespace_and_path() -> None:
    digest = hashlib.sha256(b"demo\0/uploads/notes.md").hexdigest()
    assert file_id("demo", "/uploads/notes.md") == digest[:16] == "665eda8a1644b1e9"


def test_items_are_numbered_chunks_and_summaries() -> None:
    assert item_ids("f", 2, 1) == ["f_chunk_0", "f_chunk_1", "f_summary_0"]
