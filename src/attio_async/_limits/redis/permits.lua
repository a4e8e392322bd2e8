-- One bucket's permits and governor, shared by all processes of a scope. The arithmetic is that of PermitPool and
-- Governor; tests/_core/shared_model.py is the same in terms of these two, and compared with this file call by call.
--
-- KEYS[1]: the bucket. ARGV[1]: a call, packed: see Call in shared_calls.py, and Answer there for what is returned.
-- All instants are seconds of this server's clock, the only one that all processes share.

local HORIZON, AHEAD = 0.5, 4        -- how far ahead, and how many at a time, permits of the future are handed out
local PEER_SECONDS = 10              -- after which a process that did not ask is no longer counted
local BACK, GAP = 1.0, 0.75          -- permits come back so long after an outage; a silence that was one
local CALM = 60.0                    -- without a refusal, also at the start: many processes jitter more than one
local STALE = 1.0                    -- how long a call waits for its answer at most, and some more
local CLOCK_STEP = 0.5               -- a clock set back so far makes every instant kept here worthless
local FIRST_ROUND = 1.15             -- how much longer the first use of all permits takes
local KEPT = 3600                    -- seconds for which an unused bucket remembers what it learned

local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local call = cmsgpack.unpack(ARGV[1])
local limit, window, process = call.limit, call.window, call.process
local root = math.sqrt(limit)
local remembered = math.min(4 * limit, 4000)
local s = redis.call('GET', KEYS[1])
s = s and cmsgpack.unpack(s)

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
  s.scale = math.min(1.0, math.max(0.01, scale))
  s.reduced_at = now
  pace()
end

-- Entries of the log are instants of sending, those that were refused negative.
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
  local measured = 0.97 * accepted(s.first_refused) / limit
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
  s.first_refused, s.measuring, s.recent = first, true, {}
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

-- No answer tells when a request arrives. What the margin leaves of a round of all permits is there for being late.
local function out_for() return math.max(window / (1 - s.margin), window + s.guard) end

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

-- All permits come back one by one from then on: whatever was sent without this server is counted by nobody.
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
    reduced_at = -math.huge, refused_at = -math.huge, next_step = now + CALM, first_refused = -math.huge,
    calm = CALM, good = 0.0, step = 0.02, hold = 2.0,
    was_busy = false, was_burst = false, was_repeated = false,
    era = now, seen = now, resumed_at = -math.huge, peers = {},
    score_refusals = 0, score_until = -math.huge, queried = {},
  }
  pace()
  restart(now)
  -- The first round is slower: on connections that are still to be made, requests arrive late, and then they do not.
  for place, instant in ipairs(s.returns) do s.returns[place] = now + (instant - now) * FIRST_ROUND end
  s.last_return = s.returns[#s.returns]
end

-- Calls ----------------------------------------------------------------------------------------------------------------

local function refused(number, delay)
  local place = #s.log - (s.numbered - number)
  local sent = s.log[place] and math.abs(s.log[place]) or now
  if s.log[place] then s.log[place] = -sent end
  s.refused_at = now
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

-- A permit was used so much later than it was meant to be: so much later it comes back, behind all others.
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
  if wanted > 0 and now >= s.next_step then ease() end
  while #slots < wanted and ahead < AHEAD do
    local at = ready_at(now)
    if #slots > 0 and at > now + HORIZON then break end
    if at > now then ahead = ahead + 1 end
    slots[#slots + 1] = take(at)
  end
  return slots
end

local function count_peers()
  local count = 0
  s.peers[process] = now
  for name, seen in pairs(s.peers) do
    if seen < now - PEER_SECONDS then s.peers[name] = nil else count = count + 1 end
  end
  return count
end

local function last_query_of_others()
  local last = -math.huge
  for name, at in pairs(s.queried) do
    if at < now - PEER_SECONDS then
      s.queried[name] = nil
    elseif name ~= process then
      last = math.max(last, at)
    end
  end
  return last
end

local is_new = not s or now < s.seen - CLOCK_STEP
if is_new then fresh() end
-- Called before this server stood still, and given up since: reserving now would be for nobody.
local is_stale = call.at > 0 and now - call.at > STALE
if not is_stale and call.back and (is_new or now - s.seen > GAP) then
  s.resumed_at = now + BACK
  restart(s.resumed_at)
end
local slots = {}
if not is_stale then
  s.seen = now
  for _, report in ipairs(call.late) do late(report[1], report[2]) end
  for _, report in ipairs(call.refusals) do refused(report[1], report[2]) end
  if call.score_refusal >= 0 then
    s.score_refusals = s.score_refusals + 1
    s.score_until = math.max(s.score_until, now + call.score_refusal)
  end
  if call.queried then s.queried[process] = now end
  slots = reserve(call.wanted)
end
local answer = {
  now = now, stale = is_stale, era = s.era, pause = s.paused_until - now, resumes = s.resumed_at - now,
  scale = s.scale, spacing = s.spacing,
  load = sent_between(now - window, now) / (limit * s.scale), refused = now - s.refused_at, peers = count_peers(),
  score_refusals = s.score_refusals, score_pause = s.score_until - now, queried = now - last_query_of_others(),
  slots = slots,
}
if not is_stale then redis.call('SET', KEYS[1], cmsgpack.pack(s), 'EX', KEPT) end
return cmsgpack.pack(answer)
