-- What wrk sends: GETs, POSTs of one body, or POSTs of several in turn; and what it tells at the end, as one
-- line of JSON. Without a function `request`, wrk makes the request once: a large one is not copied each time.
function init(paths)
  local bodies = {}
  for _, path in ipairs(paths) do
    local file = assert(io.open(path, "rb"))
    bodies[#bodies + 1] = file:read("*a")
    file:close()
  end
  if #bodies > 0 then
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.body = bodies[1]
  end
  if #bodies > 1 then
    local requests, turn = {}, 0
    for place, body in ipairs(bodies) do
      requests[place] = wrk.format(nil, nil, nil, body)
    end
    request = function()
      turn = turn % #requests + 1
      return requests[turn]
    end
  end
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "errors": %d}\n', summary.requests, summary.duration / 1e6, failed
  ))
end
