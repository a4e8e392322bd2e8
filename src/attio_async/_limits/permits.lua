-- The permits and the governor of one bucket, shared by all processes of a scope. The arithmetic is that of PermitPool
-- and Governor. tests/_limits/redis/script_model.py writes it in terms of these two, and tests compare it call by call.
--
-- KEYS[1]: the bucket. ARGV[1]: a packed ScriptCall. Returns a packed ScriptReply; see protocol.py for both.
-- All instants are seconds of this server's clock, the only one that all processes share.

local HORIZON_S, MAX_AHEAD = 0.5, 4  -- how far ahead, and how many at a time, permits due later are given out
local PEER_TIMEOUT_S = 10            -- a process that did not call for this long is no longer counted
local RESUME_S, OUTAGE_S = 1.0, 0.75 -- permits resume this long after an outage; a silence this long is an outage
local CALM_S = 60.0                  -- without a 429, also at the start: many processes jitter more than one
local STALE_S = 1.0                  -- longer than any process waits for a reply
local MAX_CLOCK_STEP_S = 0.5         -- a clock set back further makes every instant kept here worthless
local FIRST_ROUND = 1.15             -- how much longer the first use of all permits takes
local EXPIRY_S = 3600                -- how long an unused bucket keeps what it learned
local MAX_WAIT_S = 86400             -- an instant further ahead is damage, and nobody would wait for it

local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local call = cmsgpack.unpack(ARGV[1])
local limit, window, process = call.limit, call.window, call.process
local root = math.sqrt(limit)
local remembered = math.min(4 * limit, 4000)
local s

local function rounded(x) -- half to even
  local whole = math.floor(x)
  local rest = x - whole
  if rest > 0.5 or (rest == 0.5 and whole % 2 == 1) then return whole + 1 end
  return whole
end

-- The governor -------------------------------------------------------------------------------------------------------

local function pace()
  s.spacing = window / (limit * (1 - s.margin) * s.scale)
  s.lead = math.max(1.0, s.burst * s.scale - 1) * s.spacing
end

local function reduce(scale)
  s.scale = math.min(1.0, math.max(0.01, math.min(0.5, 1 / limit), scale))
  s.reduced_at = now
  pace()
end

-- Entries of the log are instants of sending; those of requests that got a 429 are negative.
local function sent_between(from, to)
  local count = 0
  for _, entry in ipairs(s.log) do
    local sent = math.abs(entry)
    if from < sent and sent <= to then count = count + 1 end
  end
  return count
end

local function accepted(instant)
  local count = 0
  for _, sent in ipairs(s.log) do
    if instant - window < sent and sent <= instant then count = count + 1 end
  end
  return count
end

local function measure(at)
  s.measuring = false
  if s.was_burst then
    s.burst = math.max(math.min(4, limit), math.floor(s.burst / 2))
    pace()
    return
  end
  if s.scale == 1 and not s.was_repeated then return end
  local least = s.was_busy and 0.02 or 0.4 * s.scale
  local measured = 0.97 * accepted(s.first_limited) / limit
  reduce(math.max(least, math.min(measured, 0.97 * s.scale)))
  s.reduced_at = at
end

local function brake(to)
  local first, last, earliest = s.recent[1][2], -math.huge, math.huge
  for _, entry in ipairs(s.recent) do
    last, earliest = math.max(last, entry[2]), math.min(earliest, entry[2])
  end
  s.was_busy = last - earliest <= 2 * #s.recent * s.spacing
  s.was_burst = sent_between(first - 0.1, first) > 0.2 * limit
  s.was_repeated = now - s.paused_at < 4.0
  s.first_limited, s.measuring, s.recent = first, true, {}
  s.epoch, s.paused_at = now, now
  local relapse = s.good > 0 and now - s.reduced_at < 60.0
  s.hold = relapse and math.min(8.0, 2 * s.hold) or 2.0
  s.step, s.good, s.next_step = 0.02, 0.0, to + s.hold
end

local function step_back(sent)
  s.epoch = now
  local scale = (0 < s.good and s.good < s.scale) and s.good or 0.97 * s.scale
  if now - s.reduced_at < 3.0 then
    scale = math.max(0.8 * scale, math.min(scale, 0.97 * accepted(sent) / limit))
  end
  reduce(scale)
  s.hold = math.min(8.0, 2 * s.hold)
  s.step, s.next_step = 0.02, now + s.hold
end

local function widen()
  s.widened_at = now
  s.guard = math.min(0.1, s.guard + 0.01)
  if limit > 5 then s.margin = math.min(1.0 / root, s.margin + 0.05 / root) end
  if now - s.narrowed_at < s.calm then s.calm = math.min(960.0, 2 * s.calm) end
  s.next_step = now + s.calm
  pace()
end

local function ease()
  if s.scale < 1 then
    s.good = s.scale
    s.scale = math.min(1.0, s.scale + s.step)
    s.step = math.min(0.32, 2 * s.step)
    s.next_step = now + (s.scale < 1 and 1.3 * window or s.calm)
  else
    s.burst = math.min(limit, s.burst + math.max(1, math.floor(s.burst / 4)))
    if s.guard > 0 then
      s.guard = math.max(0.0, s.guard - 0.01)
    elseif limit > 5 then
      s.margin, s.narrowed_at = math.max(0.2 / root, s.margin - 0.1 / root), now
    end
    s.next_step = now + s.calm
  end
  pace()
end

-- The permits ----------------------------------------------------------------------------------------------------------

local function schedule(instant)
  s.last_return = math.max(instant, s.last_return + s.spacing)
  s.returns[#s.returns + 1] = s.last_return
end

local function reschedule(instants)
  s.returns = {}
  if #instants > 0 then s.last_return = instants[1] - s.spacing end
  for _, instant in ipairs(instants) do schedule(instant) end
end

-- No response tells this server when a request arrived. The margin in a round of all permits allows for late ones.
local function out_for() return math.max(window / (1 - s.margin), window + s.guard) end

-- Permits that were spread for a lower rate come back sooner, though none sooner than the one that was given out last.
local function tighten()
  local used = math.max(now, math.abs(s.log[#s.log] or now))
  local earliest, last = math.max(used + out_for(), s.paused_until), -math.huge
  for place, instant in ipairs(s.returns) do
    last = math.min(instant, math.max(earliest, last + s.spacing))
    s.returns[place] = last
  end
  if s.returns[1] then s.last_return = last end
end

local function collect(at)
  local back = 0
  while s.returns[back + 1] and s.returns[back + 1] <= at do back = back + 1 end
  if back == 0 then return end
  s.available = s.available + back
  local left = {}
  for place = back + 1, #s.returns do left[#left + 1] = s.returns[place] end
  s.returns = left
end

local function ready_at(at)
  collect(at)
  local ready = s.available > 0 and at or s.returns[1]
  return math.max(ready, s.next_ideal - s.lead, s.paused_until)
end

local function take(at)
  collect(at)
  if s.measuring then
    measure(at)
    reschedule(s.returns)
  end
  s.available = s.available - 1
  s.next_ideal = math.max(s.next_ideal, at) + s.spacing
  s.numbered = s.numbered + 1
  s.log[#s.log + 1] = at
  if #s.log > remembered then table.remove(s.log, 1) end
  schedule(at + out_for())
  return { s.numbered, at - now }
end

local function pause(to)
  collect(now)
  s.paused_until = math.max(s.paused_until, to)
  local waiting = {}
  for _ = 1, s.available do waiting[#waiting + 1] = s.paused_until end
  for _, instant in ipairs(s.returns) do waiting[#waiting + 1] = math.max(instant, s.paused_until) end
  s.available = 0
  reschedule(waiting)
  s.era = now
end

-- All permits come back one by one from then on, since requests sent during an outage were not counted.
local function restart(from)
  s.available, s.returns = limit, {}
  pause(from)
end

local function fresh()
  s = {
    available = limit, returns = {}, last_return = -math.huge, next_ideal = -math.huge, paused_until = -math.huge,
    margin = limit <= 5 and 0.2 or 0.4 / root, guard = 0.0, scale = 1.0, burst = limit,
    log = {}, numbered = math.floor(now * 1000), recent = {}, measuring = false,
    epoch = -math.huge, paused_at = -math.huge, widened_at = -math.huge, narrowed_at = -math.huge,
    reduced_at = -math.huge, limited_at = -math.huge, next_step = now + CALM_S, first_limited = -math.huge,
    calm = CALM_S, good = 0.0, step = 0.02, hold = 2.0,
    was_busy = false, was_burst = false, was_repeated = false,
    era = now, seen = now, resumed_at = -math.huge, peers = {},
    score_limited_count = 0, score_until = -math.huge, queried = {},
  }
  pace()
  restart(now)
  -- The first round is slower: requests arrive late on connections that still have to be opened, and later ones do not.
  for place, instant in ipairs(s.returns) do s.returns[place] = now + (instant - now) * FIRST_ROUND end
  s.last_return = s.returns[#s.returns]
end

-- Calls ----------------------------------------------------------------------------------------------------------------

local function rate_limited(number, delay)
  local place = #s.log - (s.numbered - number)
  local sent = s.log[place] and math.abs(s.log[place]) or now
  if s.log[place] then s.log[place] = -sent end
  s.limited_at = now
  if sent <= s.epoch then return end
  s.recent[#s.recent + 1] = { now, sent }
  while s.recent[1][1] <= now - window do table.remove(s.recent, 1) end
  if #s.recent >= math.max(3, rounded(0.05 * limit * s.scale)) then
    brake(now + delay)
    pause(now + delay)
    return
  end
  local spacing = s.spacing
  if s.scale < 1 then
    step_back(sent)
  elseif now - s.widened_at > 1.0 then
    widen()
  end
  if s.spacing > spacing then reschedule(s.returns) end
end

-- A permit that was used late comes back late by as much, behind all others.
local function late(number, by)
  local place = #s.log - (s.numbered - number)
  local sent = s.log[place]
  if not sent or sent < 0 then return end
  s.log[place] = sent + by
  for position, instant in ipairs(s.returns) do
    if instant >= sent + out_for() then
      table.remove(s.returns, position)
      schedule(sent + by + window + s.guard)
      return
    end
  end
end

local function reserve(wanted)
  local slots, ahead = {}, 0
  if wanted > 0 and now >= s.next_step then
    ease()
    tighten()
  end
  while #slots < wanted and ahead < MAX_AHEAD do
    local at = ready_at(now)
    if #slots > 0 and at > now + HORIZON_S then break end
    if at > now then ahead = ahead + 1 end
    slots[#slots + 1] = take(at)
  end
  return slots
end

local function count_peers()
  local count = 0
  s.peers[process] = now
  for name, seen in pairs(s.peers) do
    if seen < now - PEER_TIMEOUT_S then s.peers[name] = nil else count = count + 1 end
  end
  return count
end

local function last_query_of_others()
  local last = -math.huge
  for name, at in pairs(s.queried) do
    if at < now - PEER_TIMEOUT_S then
      s.queried[name] = nil
    elseif name ~= process then
      last = math.max(last, at)
    end
  end
  return last
end

local NUMBERS = {
  'available', 'burst', 'calm', 'epoch', 'era', 'first_limited', 'good', 'guard', 'hold', 'last_return', 'lead',
  'limited_at', 'margin', 'narrowed_at', 'next_ideal', 'next_step', 'paused_at', 'paused_until', 'reduced_at', 'resumed_at',
  'scale', 'score_limited_count', 'score_until', 'seen', 'spacing', 'step', 'widened_at',
}

local function is_count(number)
  return number >= 0 and number < 2 ^ 53 and number == math.floor(number)
end

local function is_damaged()
  for _, name in ipairs(NUMBERS) do -- the instants, and all others are smaller
    if not (type(s[name]) == 'number' and s[name] < now + MAX_WAIT_S) then return true end
  end
  local permits = s.available + #s.returns == limit and (s.returns[#s.returns] or now) < now + MAX_WAIT_S
  local shares = s.scale > 0 and s.scale <= 1 and s.margin > 0 and s.margin < 1
  local speed = s.spacing > 0 and s.spacing <= 200 * window and s.lead >= s.spacing
  return not (permits and shares and speed and is_count(s.score_limited_count) and is_count(s.numbered))
end

local function answer()
  local is_new = not s or now < s.seen - MAX_CLOCK_STEP_S or is_damaged()
  if is_new then fresh() end
  -- The process has given up this call, for example because this server was frozen: permits would be wasted.
  local is_stale = call.at > 0 and now - call.at > STALE_S
  if not is_stale and call.rejoining and (is_new or now - s.seen > OUTAGE_S) then
    s.resumed_at = now + RESUME_S
    restart(s.resumed_at)
  end
  local slots = {}
  if not is_stale then
    s.seen = now
    for _, report in ipairs(call.late) do late(report[1], report[2]) end
    for _, report in ipairs(call.rate_limited) do rate_limited(report[1], report[2]) end
    if call.score_limited >= 0 then
      s.score_limited_count = s.score_limited_count + 1
      s.score_until = math.max(s.score_until, now + call.score_limited)
    end
    if call.queried then s.queried[process] = now end
    slots = reserve(call.wanted)
  end
  local reply = {
    now = now, stale = is_stale, era = s.era, pause = s.paused_until - now, resumes = s.resumed_at - now,
    scale = s.scale, spacing = s.spacing,
    load = sent_between(now - window, now) / (limit * s.scale), last_limited = now - s.limited_at, peers = count_peers(),
    score_limited_count = s.score_limited_count, score_pause = s.score_until - now, queried = now - last_query_of_others(),
    slots = slots,
  }
  if not is_stale then redis.call('SET', KEYS[1], cmsgpack.pack(s), 'EX', EXPIRY_S) end
  return cmsgpack.pack(reply)
end

local function answer_from_what_is_kept()
  local kept = redis.call('GET', KEYS[1])
  s = kept and cmsgpack.unpack(kept)
  return answer()
end

local is_answered, reply = pcall(answer_from_what_is_kept)
if is_answered then return reply end
-- What is kept is damaged, or of another version of this package. A new bucket loses nothing but what was learned.
s = nil
return answer()
