import { createHash } from 'node:crypto';

/** A script that Redis runs as one atomic step. */
export interface Script {
  readonly source: string;
  /** What Redis calls it once it has seen it: the SHA-1 of its source. */
  readonly sha: string;
}

/*
 * KEYS, which share a hash tag, so that a cluster keeps them in one place:
 *
 *   1  a hash, the session: n, principal, rx, base, hi, owner, since
 *   2  a stream, its messages from base + 1 to hi: the id is `<seq>-1`, the field t (text) or b (binary)
 *   3  a hash, its tombstone: why, rx, principal, n. It is written along, and outlives the others
 *
 * `owner` is the process whose claim was the last one, and `since` the n from which on nobody else had one. A claim
 * or a write whose answer was lost with a connection is so told from one of another process: it may not cost what
 * this process has not written yet.
 *
 * Numbers go up to 2^53, and Lua would write the large ones as 1e+15.
 */
const COMMON = `
local session, stream, tomb = KEYS[1], KEYS[2], KEYS[3]
local function text(number) return string.format('%.0f', number) end
local function bury(why, rx, principal, n, ms)
  redis.call('DEL', session, stream)
  redis.call('HSET', tomb, 'why', why, 'rx', rx, 'principal', principal, 'n', n)
  redis.call('PEXPIRE', tomb, ms)
end
local function remember(rx, principal, n, ttl, untilMs)
  redis.call('HSET', tomb, 'why', 'expired', 'rx', rx, 'principal', principal, 'n', n)
  redis.call('PEXPIRE', session, ttl)
  redis.call('PEXPIRE', stream, ttl)
  redis.call('PEXPIRE', tomb, untilMs)
end
`;

/**
 * `judge` of log.ts, and what comes before and after it.
 *
 * ARGV: n, isKnown (1 or 0), rx, hi, principal, localN (or ''), owner, ttl, ttl + tombstone, tombstone (ms).
 * Answers with the type of a `Claimed`, and its fields.
 */
export const CLAIM: Script = script(`
local n, isKnown, rx, hi = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local principal, localN, owner = ARGV[5], tonumber(ARGV[6]), ARGV[7]
local s = redis.call('HMGET', session, 'n', 'principal', 'rx', 'base', 'hi', 'owner', 'since')
if not s[1] then
  local t = redis.call('HMGET', tomb, 'why', 'rx', 'principal')
  if t[1] and t[3] == principal then return { 'gone', t[1], t[2] } end
  if localN then return { 'missing' } end
  if isKnown == '1' or t[1] then return { 'gone', 'unknown' } end
  redis.call('HSET', session, 'n', ARGV[1], 'principal', principal, 'rx', 0, 'base', 0, 'hi', 0,
    'owner', owner, 'since', ARGV[1])
  remember(0, principal, ARGV[1], ARGV[8], ARGV[9])
  return { 'created' }
end
if principal ~= s[2] then return { 'gone', 'unknown' } end
if n <= tonumber(s[1]) then return { 'gone', 'fenced' } end
if rx > tonumber(s[5]) or hi < tonumber(s[3]) then return { 'gone', 'regressed' } end

local isHere = localN and (localN == tonumber(s[1]) or (owner == s[6] and localN >= tonumber(s[7])))
local messages = false
if not isHere then
  messages = redis.call('XRANGE', stream, '-', '+')
  if #messages ~= tonumber(s[5]) - tonumber(s[4]) then
    -- Some of it was evicted: what is left is no session. Its count is true.
    bury('expired', s[3], principal, s[1], ARGV[10])
    return { 'gone', 'expired', s[3] }
  end
end
-- What is here goes on from where it is, and what is not begins with this claim.
local since = ARGV[1]
if isHere then since = owner == s[6] and s[7] or s[1] end
redis.call('HSET', session, 'n', ARGV[1], 'owner', owner, 'since', since)
remember(s[3], principal, ARGV[1], ARGV[8], ARGV[9])
return { 'resumed', s[1], s[3], s[4], messages }
`);

/**
 * ARGV: n, owner, first, rx, base, isWhole (1 or 0), principal, ttl, ttl + tombstone (ms), and for each message `t`
 * or `b`, and its payload. Answers with a `Written`.
 *
 * A message that is there already is skipped: the answer to an earlier write was lost. An n that is higher than the
 * one here was claimed once, and Redis has lost that claim in a restart or a failover: its writer has to write all.
 */
export const WRITE: Script = script(`
local n, owner, first, isWhole = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[6] == '1'
local rx, base, principal = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[7]
local s = redis.call('HMGET', session, 'n', 'rx', 'base', 'hi', 'owner', 'since')
local known, since = ARGV[1], ARGV[1]
if not s[1] then
  local t = redis.call('HMGET', tomb, 'why', 'n')
  -- It ended, or went on elsewhere, before it was forgotten.
  if t[1] == 'ended' or (t[1] and n < tonumber(t[2])) then return 'fenced' end
  if not isWhole then return 'behind' end
elseif n < tonumber(s[1]) then
  if owner ~= s[5] or n < tonumber(s[6]) then return 'fenced' end
  known, since = s[1], s[6]
elseif n > tonumber(s[1]) then
  if not isWhole then return 'behind' end
else
  since = s[6]
end

local from, hi = first - 1, first - 1
if isWhole then
  redis.call('DEL', stream)
else
  from, hi = tonumber(s[3]), tonumber(s[4])
  rx = math.max(rx, tonumber(s[2]))
  if first > hi + 1 then
    if base + 1 < first then return 'behind' end
    -- What is between was acknowledged or dropped before it was ever written.
    redis.call('DEL', stream)
    from, hi = first - 1, first - 1
  end
end
local seq = first
for index = 10, #ARGV, 2 do
  if seq > hi then
    redis.call('XADD', stream, text(seq) .. '-1', ARGV[index], ARGV[index + 1])
    hi = seq
  end
  seq = seq + 1
end
if base > from then
  redis.call('XTRIM', stream, 'MINID', '=', text(base + 1))
  from, hi = base, math.max(base, hi)
end
redis.call('HSET', session, 'n', known, 'principal', principal, 'rx', text(rx), 'base', text(from),
  'hi', text(hi), 'owner', owner, 'since', since)
remember(text(rx), principal, known, ARGV[8], ARGV[9])
return 'ok'
`);

/** ARGV: n, owner, why, rx, tombstone (ms). Whoever may write may end. */
export const END: Script = script(`
local n, owner = tonumber(ARGV[1]), ARGV[2]
local s = redis.call('HMGET', session, 'n', 'owner', 'since', 'principal')
local principal = s[4]
if s[1] then
  if n < tonumber(s[1]) and (owner ~= s[2] or n < tonumber(s[3])) then return end
else
  -- Redis was first to find that its time is over. Only its count can be newer here.
  local t = redis.call('HMGET', tomb, 'why', 'n', 'principal')
  if t[1] ~= 'expired' or n < tonumber(t[2]) then return end
  principal = t[3]
end
bury(ARGV[3], ARGV[4], principal, ARGV[1], ARGV[5])
`);

/** ARGV: ttl, ttl + tombstone (ms). */
export const RENEW: Script = script(`
if redis.call('PEXPIRE', session, ARGV[1]) == 1 then
  redis.call('PEXPIRE', stream, ARGV[1])
  redis.call('PEXPIRE', tomb, ARGV[2])
end
`);

function script(body: string): Script {
  const source = COMMON + body;
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}
