-- Synchronous tasks or puts of 256 bytes. With BENCH_TRACED every request carries a trace context, and one in
-- BENCH_KEPT_OF asks that its way be kept; without it a header of the same length that nobody reads, as different
-- from request to request: the nodes remember the head that came before. All requests are made beforehand.
local verb = os.getenv("BENCH_VERB")
local traced = os.getenv("BENCH_TRACED") == "1"
local kept_of = tonumber(os.getenv("BENCH_KEPT_OF"))
local requests = {}
local at = 0
local value = string.rep("0123456789abcdef", 16)

local function headers(number, content_type)
  local result = { ["Content-Type"] = content_type }
  local name = traced and "traceparent" or "x-requestid"
  local flags = number % kept_of == 0 and "01" or "00"
  result[name] = string.format("00-4bf92f3577b34da6a3ce9%011x-00f067aa0ba902b7-%s", number, flags)
  return result
end

function init()
  for number = 1, 1000 do
    if verb == "put" then
      requests[number] = wrk.format("PUT", string.format("/records/bench/%07d", number), headers(number, "text/plain"), value)
    else
      requests[number] = wrk.format("POST", "/submit-task?wait=5s", headers(number, "application/json"), '{"payload":"4 * (2 + 3)"}')
    end
  end
end

function request()
  at = at % 1000 + 1
  return requests[at]
end

function done(summary)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"duration_us":%d,"bad":%d}\n', summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
