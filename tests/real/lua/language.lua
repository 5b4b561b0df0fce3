-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Statements, scopes, closures, metatables, goto, varargs. Raises no error, so
-- that it also runs where errors cannot be caught.

-- Scopes and closures: each iteration has its own variable.
local getters, setters = {}, {}
for i = 1, 4 do
    getters[i] = function() return i end
    setters[i] = function(value) i = value end
end
setters[2](20)
assert(getters[1]() == 1 and getters[2]() == 20 and getters[3]() == 3)

local function counter(start)
    local n = start
    return function() n = n + 1; return n end, function() return n end
end
local tick, now = counter(10)
tick(); tick()
assert(now() == 12)

-- Multiple results: cut in the middle, kept at the end, `(...)` is one.
local function three() return 1, 2, 3 end
local packed = {three(), three(), (three())}
assert(#packed == 3 and packed[2] == 1 and packed[3] == 1)
packed = {0, three()}
assert(#packed == 4)
local function count(...) return select("#", ...) end
assert(count() == 0 and count(nil, nil) == 2 and count(three(), three()) == 4)
local function last(...) return (select(-1, ...)) end
assert(last(three()) == 3)
local many = {}
for i = 1, 200 do many[i] = i end
assert(count(table.unpack(many)) == 200)
local sum = 0
for _, value in ipairs({table.unpack(many, 50, 60)}) do sum = sum + value end
assert(sum == 605)

-- Loops, and goto out of them and back.
local steps = {}
for i = 10, 1, -3 do steps[#steps + 1] = i end
assert(table.concat(steps, ",") == "10,7,4,1")
for _ = 1, 0 do assert(false) end
local last_step
for i = math.maxinteger - 2, math.maxinteger do last_step = i end
assert(last_step == math.maxinteger)
local x, found = 0.0, 0
for value = 0, 1, 0.125 do x = value; found = found + 1 end
assert(x == 1.0 and found == 9)
local pairs_found = 0
for i = 1, 30 do
    for j = 1, 30 do
        if (i + j) % 2 == 1 then goto continue end
        if i * j > 400 then goto done end
        pairs_found = pairs_found + 1
        ::continue::
    end
end
::done::
print("pairs", pairs_found)
do
    local n = 0
    ::again::
    n = n + 1
    if n < 1000 then goto again end
    assert(n == 1000)
end
local n = 27
local length = 0
repeat
    local even = n % 2 == 0
    n = even and n // 2 or 3 * n + 1
    length = length + 1
until n == 1
print("collatz", length)

-- Tail calls do not grow the stack, other calls do not break at some depth.
local function down(k) if k == 0 then return "down" end return down(k - 1) end
assert(down(200000) == "down")
local function depth(k) if k == 0 then return 0 end return 1 + depth(k - 1) end
assert(depth(15000) == 15000)
local function ackermann(m, k)
    if m == 0 then return k + 1 end
    if k == 0 then return ackermann(m - 1, 1) end
    return ackermann(m - 1, ackermann(m, k - 1))
end
print("ackermann", ackermann(2, 9))

-- Metatables: every operator, index chains, calls, comparison, length.
local Vector = {}
Vector.__index = Vector
local function vector(a, b) return setmetatable({a = a, b = b}, Vector) end
function Vector.__add(l, r) return vector(l.a + r.a, l.b + r.b) end
function Vector.__unm(v) return vector(-v.a, -v.b) end
function Vector.__mul(l, r)
    if type(l) == "number" then return vector(l * r.a, l * r.b) end
    if type(r) == "number" then return vector(l.a * r, l.b * r) end
    return l.a * r.a + l.b * r.b
end
function Vector.__eq(l, r) return l.a == r.a and l.b == r.b end
function Vector.__lt(l, r) return l * l < r * r end
function Vector.__le(l, r) return l * l <= r * r end
function Vector.__len() return 2 end
function Vector.__concat(l, r) return tostring(l) .. "|" .. tostring(r) end
function Vector.__tostring(v) return "(" .. v.a .. " " .. v.b .. ")" end
function Vector.__call(v, name) return v[name] end
function Vector.__idiv(l, k) return vector(l.a // k, l.b // k) end
function Vector.__band(l, k) return vector(l.a & k, l.b & k) end
function Vector.__shl(l, k) return vector(l.a << k, l.b << k) end
function Vector:length() return math.sqrt(self * self) end
local v, w = vector(3, 4), vector(1, 2)
print(v + w, -v, v * w, 2 * v, v * 2, v .. w, v .. "!", #v, v("b"))
print(v == vector(3, 4), v ~= w, v < w, v >= w, v:length(), v // 2, v & 1, v << 3)

local log = {}
local proxy = setmetatable({}, {
    __index = function(_, key) log[#log + 1] = "get " .. key; return #key end,
    __newindex = function(_, key) log[#log + 1] = "set " .. key end,
})
proxy.abc = proxy.defg
assert(rawget(proxy, "abc") == nil)
print(table.concat(log, ", "))
local base = {greet = function(self) return "I am " .. self.name end}
local middle = setmetatable({}, {__index = base})
local object = setmetatable({name = "object"}, {__index = middle})
print(object:greet())

-- Environments, load and integer division of the world into chunks.
local environment = {y = 5}
local chunk = load("x = y * 2; return x", "chunk", "t", environment)
assert(chunk() == 10 and environment.x == 10 and _ENV.y == nil)
local dumped = load(string.dump(function(a) return a .. "?" end), "d", "b")
assert(dumped("dumped") == "dumped?")
do
    local _ENV <const> = {print = print}
    seen = 1
    print(seen)
end
assert(seen == nil)

-- To-be-closed variables and constants.
do
    local order = {}
    local function closer(name)
        return setmetatable({}, {__close = function() order[#order + 1] = name end})
    end
    do
        local a <close> = closer("a")
        local b <close> = closer("b")
        local limit <const> = 3
        order[#order + 1] = "body" .. limit
    end
    print(table.concat(order, " "))
end

-- Logical operators give operands, not truth values.
assert((nil or false) == false and (false and nil) == false)
assert((1 and nil) == nil and (0 or 1) == 0 and not not "" == true)
print("language ok")
