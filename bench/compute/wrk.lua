-- The request of the synchronous bench, and a report in one line of JSON. With BENCH_VERIFY every answer
-- is looked into; with BENCH_THINK_MS each connection pauses between requests.
local threads = {}
local think_ms = tonumber(os.getenv("BENCH_THINK_MS") or "0")
bad = 0

function setup(thread)
  table.insert(threads, thread)
end

wrk.method = "POST"
wrk.path = "/submit-task?wait=5s"
wrk.body = '{"payload":"4 * (2 + 3)"}'
wrk.headers["Content-Type"] = "application/json"

if os.getenv("BENCH_VERIFY") == "1" then
  function response(status, headers, body)
    if status ~= 200 or not string.find(body, '"result":"20"', 1, true) then
      bad = bad + 1
    end
  end
end

if think_ms > 0 then
  function delay()
    return math.random(0, 2 * think_ms)
  end
end

function done(summary, latency, requests)
  local bad_total = 0
  for _, thread in ipairs(threads) do
    bad_total = bad_total + thread:get("bad")
  end
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"max_us":%d,"bad":%d,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max, bad_total,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
