-- The steps of a `RedisStore`, run atomically.
--
-- KEYS[1]: the prefix of all keys of this store. ARGV[1]: the calling store. ARGV[2]: 1 to take over the name.
-- ARGV[3]: the steps, packed: the name and arguments of each. ARGV[4] and following: bodies, which steps refer to by
-- number. Returns the result of each step.
--
--   <prefix>owner      the store that owns the name
--   <prefix>place      the last position in the order of arrival
--   <prefix>pending    keys of pending deliveries, by position
--   <prefix>dead       keys of dead letters, by position
--   <prefix>finished   keys of finished deliveries, by the time they were received
--   <prefix>of:<key>   a delivery that is pending or dead

local prefix, caller = KEYS[1], ARGV[1]
local owner = redis.call('GET', prefix .. 'owner')
if ARGV[2] == '1' or not owner then
  redis.call('SET', prefix .. 'owner', caller)
elseif owner ~= caller then
  return redis.error_reply('TAKEN')
end

local function name_of(key) return prefix .. 'of:' .. key end

local function keep(delivery)
  redis.call('HSET', name_of(delivery.key), 'body', ARGV[3 + delivery.body], 'received_at', delivery.received_at,
    'done', delivery.done, 'attempts', delivery.attempts, 'reason', delivery.reason)
end

local function place_of(key, list)
  redis.call('ZADD', prefix .. list, redis.call('INCR', prefix .. 'place'), key)
end

local steps = {}

function steps.add(delivery, forget_before)
  redis.call('ZREMRANGEBYSCORE', prefix .. 'finished', '-inf', '(' .. forget_before)
  if redis.call('EXISTS', name_of(delivery.key)) == 1 then return 0 end
  if redis.call('ZSCORE', prefix .. 'finished', delivery.key) then return 0 end
  keep(delivery)
  place_of(delivery.key, 'pending')
  return 1
end

function steps.list(which)
  return redis.call('ZRANGE', prefix .. which, 0, -1)
end

function steps.load(key, which)
  if not redis.call('ZSCORE', prefix .. which, key) then return {} end
  return redis.call('HMGET', name_of(key), 'body', 'received_at', 'done', 'attempts', 'reason')
end

function steps.save(delivery)
  if redis.call('ZSCORE', prefix .. 'pending', delivery.key) then keep(delivery) end
  return 1
end

function steps.finish(key)
  if redis.call('ZREM', prefix .. 'pending', key) == 1 then
    redis.call('ZADD', prefix .. 'finished', redis.call('HGET', name_of(key), 'received_at'), key)
    redis.call('DEL', name_of(key))
  end
  return 1
end

function steps.bury(delivery)
  local place = redis.call('ZSCORE', prefix .. 'pending', delivery.key)
  if place then
    redis.call('ZREM', prefix .. 'pending', delivery.key)
    redis.call('ZADD', prefix .. 'dead', place, delivery.key)
  elseif not redis.call('ZSCORE', prefix .. 'dead', delivery.key) then
    place_of(delivery.key, 'dead')
  end
  redis.call('ZREM', prefix .. 'finished', delivery.key)
  keep(delivery)
  return 1
end

function steps.revive(key)
  local place = redis.call('ZSCORE', prefix .. 'dead', key)
  if not place then return {} end
  redis.call('ZREM', prefix .. 'dead', key)
  redis.call('ZADD', prefix .. 'pending', place, key)
  redis.call('HSET', name_of(key), 'attempts', 0, 'reason', '')
  return steps.load(key, 'pending')
end

local results = {}
for place, step in ipairs(cmsgpack.unpack(ARGV[3])) do
  results[place] = steps[step[1]](step[2], step[3])
end
return results
