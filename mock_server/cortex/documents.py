"""The documents form: inserts of documents whose chunks bring their vectors along."""

from mock_server.cortex import matrix, rules
from mock_server.cortex.bodies import Documents, holds_documents, quick_upload, read_documents, read_exactly
from mock_server.cortex.rules import Insertion
from mock_server.cortex.scope import Scope, find_scope, in_either
from mock_server.rules import judge
from mock_server.service import Answer, Call
from mock_server.session import World


def insert(world: World, call: Call) -> Answer:
    """Takes documents, or a matrix if the first element is an array, whole or not at all."""
    quick = quick_upload(call.body)
    document = read_exactly(call.body) if quick is None else quick.fields
    scope = find_scope(world, in_either(call, document))
    if not isinstance(quick, Documents) and not holds_documents(document):
        return matrix.take(world, scope, quick, document)
    judge(rules.RECEIVER, scope.tenant)
    dimension = scope.tenant.dimension
    if isinstance(quick, Documents) and dimension in (None, quick.batch.dimension):
        documents = quick
    else:
        documents = read_documents(read_exactly(call.body) if quick else document, dimension)
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
