-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- What a Lua program does all day: calls, tables, sorting, strings, patterns.
local count = tonumber(arg[1])

local function fibonacci(n)
    if n < 2 then return n end
    return fibonacci(n - 1) + fibonacci(n - 2)
end

local function numbers(seed)
    local list = {}
    for i = 1, 5000 do list[i] = (i * 7919 + seed) % 10007 end
    table.sort(list)
    return list
end

local function join(list)
    local parts = {}
    for i = 1, 2000 do parts[i] = ("%d:%s"):format(list[i], i % 13) end
    return table.concat(parts, ",")
end

local function frequencies(text)
    local seen, most = {}, 0
    for at = 1, #text, 7 do
        local piece = text:sub(at, at + 3)
        seen[piece] = (seen[piece] or 0) + 1
        most = math.max(most, seen[piece])
    end
    return most
end

local sum = 0
for round = 1, count do
    local text = join(numbers(round))
    for word in text:gmatch("%d+") do sum = sum + tonumber(word) end
    sum = sum + fibonacci(18) + frequencies(text)
end
print(sum)
