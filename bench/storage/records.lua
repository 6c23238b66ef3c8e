-- Puts of 256 bytes and linearizable gets, in the words of either side, and a report in one line of JSON.
local side = os.getenv("BENCH_SIDE")
local verb = os.getenv("BENCH_VERB")
local keys = tonumber(os.getenv("BENCH_KEYS") or "10000")
local threads = {}
local count = 0
bad = 0

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64(text)
  local out = {}
  for at = 1, #text, 3 do
    local a, b, c = text:byte(at, at + 2)
    local number = a * 65536 + (b or 0) * 256 + (c or 0)
    for place = 0, 3 do
      local digit = math.floor(number / 64 ^ (3 - place)) % 64 + 1
      local is_padding = (place == 2 and not b) or (place == 3 and not c)
      out[#out + 1] = is_padding and "=" or digits:sub(digit, digit)
    end
  end
  return table.concat(out)
end

local value = string.rep("0123456789abcdef", 16)
local value64 = base64(value)

function setup(thread)
  thread:set("seed", #threads + 1)
  table.insert(threads, thread)
end

function init()
  math.randomseed(seed)
end

function request()
  count = count + 1
  local key = string.format("bench/%07d", math.random(0, keys - 1))
  if side == "etcd" then
    local body = verb == "put" and string.format('{"key":"%s","value":"%s"}', base64(key), value64)
      or string.format('{"key":"%s"}', base64(key))
    local path = verb == "put" and "/v3/kv/put" or "/v3/kv/range"
    return wrk.format("POST", path, { ["Content-Type"] = "application/json" }, body)
  end
  if verb == "put" then
    return wrk.format("PUT", "/records/" .. key, { ["Content-Type"] = "text/plain" }, value)
  end
  return wrk.format("GET", "/records/" .. key)
end

-- A read that found nothing would be a cheap one.
if verb == "get" then
  function response(status, headers, body)
    local expected = side == "etcd" and value64 or value
    if status ~= 200 or not string.find(body, expected, 1, true) then bad = bad + 1 end
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
