// Plain clients of Moorcheh on-prem and Cortex raw embeddings over fetch, for the client suite; node 20, no dependency.
// They retry nothing and poll ten times a second.
//
//   python -m conformance client moorcheh -- node examples/adapters/fetch.mjs
//   python -m conformance client cortex -- node examples/adapters/fetch.mjs

import { createInterface } from "node:readline";

const PAUSE = 100; // milliseconds between two looks at a job
const NAMESPACE = "/namespaces/{namespace_name}";
const SCOPE = ["tenant_id", "sub_tenant_id"];
const ALL = [...SCOPE, "file_id", "file_ids", "source_id", "chunk_ids"];

// An operation's method, its path, and which of its arguments stand in the query; the rest is its body.
const OPERATIONS = {
  moorcheh: {
    health: ["GET", "/health"],
    listNamespaces: ["GET", "/namespaces"],
    createNamespace: ["POST", "/namespaces"],
    deleteNamespace: ["DELETE", NAMESPACE],
    getDeleteJob: ["GET", `${NAMESPACE}/delete-jobs/{job_id}`],
    uploadDocuments: ["POST", `${NAMESPACE}/documents`],
    uploadVectors: ["POST", `${NAMESPACE}/vectors`],
    getUploadJob: ["GET", `${NAMESPACE}/upload-jobs/{job_id}`],
    getItems: ["POST", `${NAMESPACE}/items/get`],
    deleteItems: ["POST", `${NAMESPACE}/items/delete`],
    fetchTextData: ["GET", `${NAMESPACE}/documents/fetch-text-data`, ["limit", "next_token"]],
    search: ["POST", "/search"],
    answer: ["POST", "/answer"],
    uploadFiles: ["POST", `${NAMESPACE}/files`],
    listFiles: ["GET", `${NAMESPACE}/files`],
    getFile: ["GET", `${NAMESPACE}/files/{file_id}`],
    deleteFile: ["POST", `${NAMESPACE}/files/delete`],
    getFileJob: ["GET", `${NAMESPACE}/file-jobs/{job_id}`],
  },
  cortex: {
    uploadEmbeddings: ["POST", "/upload/upload_embeddings", SCOPE],
    updateEmbeddings: ["PATCH", "/upload/update_embeddings", SCOPE],
    verifyUpload: ["POST", "/upload/verify_processing", ALL],
    searchEmbeddings: ["POST", "/embeddings/search"],
    retrieveEmbeddings: ["POST", "/embeddings/retrieve_by_ids"],
    deleteEmbeddings: ["DELETE", "/embeddings/delete"],
    createEmbeddingsTenant: ["POST", "/embeddings/create_tenant", ALL],
    tenantStats: ["GET", "/tenant/stats", ALL],
    listSubTenants: ["GET", "/tenant/sub_tenant_ids", ALL],
    deleteSubTenant: ["DELETE", "/tenant/delete_sub_tenant", ALL],
    insertRawEmbeddings: ["POST", "/embeddings/insert-raw-embeddings"],
    searchRawEmbeddings: ["POST", "/embeddings/search-raw-embeddings"],
    filterRawEmbeddings: ["POST", "/embeddings/filter-raw-embeddings"],
    deleteRawEmbeddings: ["DELETE", "/embeddings/delete-raw-embeddings", ALL],
    createTenant: ["POST", "/tenants/create"],
    infraStatus: ["GET", "/tenants/infra/status", ALL],
    monitorTenant: ["GET", "/tenants/monitor", ALL],
    listSubTenantIds: ["GET", "/tenants/sub_tenant_ids", ALL],
    listTenantIds: ["GET", "/tenants/tenant_ids", ALL],
    deleteTenant: ["DELETE", "/tenants/delete", ALL],
    verifyProcessing: ["POST", "/ingestion/verify-processing", ALL],
  },
};

// An operation that waits: what it starts, what it asks until the end, and by what of the first answer.
const WAITING = {
  uploadVectorsAndWait: ["uploadVectors", "getUploadJob", ["namespace_name"], "job_id"],
  uploadDocumentsAndWait: ["uploadDocuments", "getUploadJob", ["namespace_name"], "job_id"],
  deleteNamespaceAndWait: ["deleteNamespace", "getDeleteJob", ["namespace_name"], "job_id"],
  uploadEmbeddingsAndWait: ["uploadEmbeddings", "verifyUpload", SCOPE, "file_id"],
};

class Failed extends Error {
  constructor(kind, message, more = {}) {
    super(message);
    this.error = { kind, message, ...more };
  }
}

// JSON.stringify writes null for NaN and the infinities, and 0 for -0.
function stringify(value) {
  return JSON.stringify(value, (_key, entry) => {
    if (typeof entry === "number" && !Number.isFinite(entry)) throw new Failed("argument", `${entry} is no JSON`);
    return entry;
  });
}

// A number that JSON cannot write comes as { "$float": "NaN" }.
function parse(text) {
  return JSON.parse(text, (_key, value) =>
    value && typeof value === "object" && Object.keys(value).join() === "$float" ? Number(value.$float) : value,
  );
}

function asJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function call(request, operation, given) {
  const [method, template, inQuery = []] = OPERATIONS[request.service][operation];
  const rest = { ...given };
  const path = template.replace(/\{(\w+)\}/g, (_, name) => {
    delete rest[name];
    return encodeURIComponent(given[name]);
  });
  const query = new URLSearchParams();
  for (const name of inQuery) {
    for (const value of [rest[name] ?? []].flat()) query.append(name, value);
    delete rest[name];
  }
  const headers = request.api_key ? { authorization: `Bearer ${request.api_key}` } : {};
  const init = { method, headers, signal: AbortSignal.timeout(request.limits.answer * 1000) };
  if (method !== "GET" && (method === "POST" || Object.keys(rest).length) && inQuery !== ALL) {
    headers["content-type"] = "application/json";
    init.body = stringify(rest);
  }
  let response, text;
  try {
    response = await fetch(`${request.base_url}${path}${query.size ? `?${query}` : ""}`, init);
    text = await response.text();
  } catch (error) {
    const kind = error.name === "TimeoutError" ? "timeout" : "connection";
    throw new Failed(kind, `${error.message}: ${error.cause ?? ""}`);
  }
  const body = asJson(text);
  if (!response.ok) throw refused(response, body, text);
  if (body === undefined) throw new Failed("answer", "the answer is no JSON", { status: response.status, body: text });
  return body;
}

function refused(response, body, text) {
  const detail = body?.detail ?? body;
  const message = typeof detail === "string" ? detail : detail?.message;
  return new Failed("status", String(message ?? response.statusText), {
    status: response.status,
    body: body === undefined ? text || null : body,
    quota: response.status === 409 && body?.max_items !== undefined,
  });
}

async function callAndWait(request) {
  const [start, ask, scope, by] = WAITING[request.operation];
  const given = request.arguments;
  const deadline = performance.now() + request.limits.operation * 1000;
  const asked = { [by]: (await call(request, start, given))[by] };
  for (const name of scope) asked[name] = given[name];
  while (performance.now() < deadline - PAUSE) {
    const job = await call(request, ask, asked);
    const state = job.indexing_status ?? job.status;
    if (["failed", "errored"].includes(state) || job.failed) {
      throw new Failed("job", job.last_error ?? job.message ?? "items failed", { body: job });
    }
    if (["completed", "success"].includes(state)) return job;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new Failed("timeout", "the job did not end in time");
}

async function carryOut(request) {
  const operations = OPERATIONS[request.service];
  const waits = WAITING[request.operation];
  if (waits && operations[waits[0]]) return callAndWait(request);
  if (!operations[request.operation]) throw new Failed("unsupported", request.operation);
  return call(request, request.operation, request.arguments);
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = parse(line);
  let answer;
  try {
    answer = { result: await carryOut(request) };
  } catch (error) {
    answer = { error: error.error ?? { kind: "other", message: String(error) } };
  }
  process.stdout.write(`${JSON.stringify({ id: request.id, ...answer })}\n`);
}
