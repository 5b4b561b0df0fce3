-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Coroutines: a yield across C code is a longjmp too.

local function generate(n)
    return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end)
end
local sum = 0
for i, square in generate(100) do sum = sum + square - i end
print("sum", sum)

local co = coroutine.create(function(a, b)
    local c = coroutine.yield(a + b)
    local d, e = coroutine.yield(c * 2)
    return d .. e
end)
print(coroutine.resume(co, 1, 2))
print(coroutine.status(co), coroutine.isyieldable(), coroutine.isyieldable(co))
print(coroutine.resume(co, 21))
print(coroutine.resume(co, "x", "y"))
print(coroutine.resume(co), coroutine.status(co))

-- Errors inside, yields across pcall, metamethods, iterators and sort.
co = coroutine.create(function()
    local ok, message = pcall(function()
        local got = coroutine.yield("inside")
        error("after " .. got, 0)
    end)
    coroutine.yield(ok, message)
    error({code = 1})
end)
print(coroutine.resume(co))
print(coroutine.resume(co, "resume"))
local ok, object = coroutine.resume(co)
print(ok, object.code, coroutine.status(co), (coroutine.close(co)))
local lazy = setmetatable({}, {
    __add = function(_, n) return coroutine.yield("add") + n end,
    __index = function(_, k) return coroutine.yield(k) end,
    __lt = function() return coroutine.yield("lt") end,
})
co = coroutine.wrap(function() return lazy + 1, lazy.field, lazy < lazy end)
print(co(), co(41), co("value"), co(true))
print(pcall(coroutine.wrap(function()
    table.sort({3, 2, 1}, function(a, b) coroutine.yield(); return a < b end)
end)))

-- Producers, filters, consumers; permutations; the same fringe of two trees.
local function filter(source, keep)
    return coroutine.wrap(function()
        for value in source do if keep(value) then coroutine.yield(value) end end
    end)
end
local numbers = coroutine.wrap(function() for i = 2, 300 do coroutine.yield(i) end end)
local primes = {}
while true do
    local prime = numbers()
    if not prime then break end
    primes[#primes + 1] = prime
    numbers = filter(numbers, function(n) return n % prime ~= 0 end)
    if #primes == 30 then break end
end
print(table.concat(primes, " "))
local function permute(list, n)
    if n <= 1 then coroutine.yield(table.concat(list)) end
    for i = 1, n do
        list[n], list[i] = list[i], list[n]
        permute(list, n - 1)
        list[n], list[i] = list[i], list[n]
    end
end
local found = {}
for word in coroutine.wrap(function() permute({"a", "b", "c", "d"}, 4) end) do
    found[#found + 1] = word
end
print(#found, found[1], found[24])

-- Many at once, wrapped deeply, closed early, collected.
local all = {}
for i = 1, 2000 do
    all[i] = coroutine.create(function(n) while true do n = n + coroutine.yield(n) end end)
end
local total = 0
for round = 1, 3 do
    for i = 1, #all do
        local _, value = coroutine.resume(all[i], i)
        total = total + value * round
    end
end
print("total", total)
local function deep(n)
    if n == 0 then return coroutine.yield("deep") end
    return coroutine.wrap(deep)(n - 1)
end
print(coroutine.wrap(deep)(100))
local closed = {}
co = coroutine.create(function()
    local x <close> = setmetatable({}, {__close = function() closed[#closed + 1] = "closed" end})
    coroutine.yield()
end)
coroutine.resume(co)
print(coroutine.close(co), coroutine.status(co), closed[1])
print(select(2, pcall(coroutine.wrap(function() error("out", 0) end))))
print(select(2, coroutine.running()), pcall(coroutine.yield))
all = nil
collectgarbage()
print("coroutines ok")
