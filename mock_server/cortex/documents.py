"""The documents form: inserts of documents whose chunks bring their vectors along."""

from mock_server.cortex import matrix, rules
from mock_server.cortex.bodies import Documents, Matrix, holds_documents, read_documents, read_exactly
from mock_server.cortex.reading import DoubtfulMatrix, but_for_their_length, quick_upload
from mock_server.cortex.rules import Insertion
from mock_server.cortex.scope import Scope, find_scope, in_either
from mock_server.rules import judge
from mock_server.service import Answer, Call
from mock_server.session import World


def insert(world: World, call: Call) -> Answer:
    """Takes documents, or a matrix if the first element is an array, whole or not at all."""
    quick = quick_upload(call)
    document = read_exactly(call.body) if quick is None else quick.fields
    scope = find_scope(world, in_either(call, document))
    if isinstance(quick, Matrix | DoubtfulMatrix):
        return matrix.take(world, call, scope, quick, document)
    if quick is None and not holds_documents(document):
        return matrix.take(world, call, scope, None, document)
    judge(rules.RECEIVER, scope.tenant)
    dimension = scope.tenant.dimension
    if isinstance(quick, Documents) and dimension in (None, quick.batch.dimension):
        documents = quick
    else:
        if quick is not None:
            doubtful = but_for_their_length(quick) if isinstance(quick, Documents) else quick
            doubtful.judge(dimension)
            document = read_exactly(call.body)
        documents = read_documents(document, dimension)
    answer = _store(scope, documents)
    world.ledger.commit("cortex", scope.name, documents.batch.ids, len(documents.batch.ids))
    return answer


def _store(scope: Scope, documents: Documents) -> Answer:
    judge(rules.DOCUMENTS_FIELDS, documents.fields)
    batch = documents.batch
    if documents.fields.get("upsert") is not True:
        judge(rules.INSERTION, Insertion(batch.ids, scope.sub_tenant))
    scope.tenant.open(scope.sub_tenant_id).put(batch)
    return Answer(200, {"insert_count": len(batch.ids), "ids": batch.ids, "success": True, "error": None})
