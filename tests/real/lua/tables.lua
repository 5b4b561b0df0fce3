-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Tables as arrays, maps, queues and graphs; the table library; collection.

-- Keys: equal numbers are one key, NaN and nil are none, anything else is.
local t = {[1] = "int", [2.0] = "float", [-0.0] = "zero", [true] = "yes"}
assert(t[1.0] == "int" and t[2] == "float" and t[0] == "zero" and t[true] == "yes")
local key, other = {}, {}
t[key], t[print] = "table", "function"
assert(t[key] == "table" and t[other] == nil and t[print] == "function")
local n = 0
for k in pairs(t) do t[k] = nil; n = n + 1 end
assert(n == 6 and next(t) == nil)

-- The library.
local list = {5, 2, 8, 1}
table.insert(list, 9)
table.insert(list, 1, 0)
print(table.concat(list, " "), table.remove(list), table.remove(list, 2), #list)
print(table.concat(table.move({1, 2, 3}, 1, 3, 3, {9, 9}), ","), table.unpack({1, nil, 3}, 1, 3))
print(table.pack(1, nil, 3).n, table.concat({}, ","), table.concat({1, 2, 3}, ", ", 2, 3))
print(#table.move({1, 2, 3}, 2, 3, 1), next({}), rawlen({1, 2}), rawequal(list, list))

-- Sorting: numbers, a comparison of ours, and enough of both.
local seed = 12345
local function random()
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return seed >> 8
end
local numbers = {}
for i = 1, 5000 do numbers[i] = random() % 10007 end
table.sort(numbers)
for i = 2, #numbers do assert(numbers[i - 1] <= numbers[i]) end
print(numbers[1], numbers[2500], numbers[5000])
table.sort(numbers, function(a, b) return a % 100 > b % 100 or a % 100 == b % 100 and a < b end)
for i = 2, #numbers do assert(numbers[i - 1] % 100 >= numbers[i] % 100) end
print(numbers[1], numbers[2500], numbers[5000])
local names = {"mary", "Bob", "alice", "Zoe", "bob", ""}
table.sort(names)
print(table.concat(names, "<"))

-- A heap, and shortest paths over a grid with it.
local function heap_push(heap, cost, item)
    heap[#heap + 1] = {cost, item}
    local i = #heap
    while i > 1 and heap[i][1] < heap[i // 2][1] do
        heap[i], heap[i // 2] = heap[i // 2], heap[i]
        i = i // 2
    end
end
local function heap_pop(heap)
    local top = heap[1]
    heap[1] = heap[#heap]
    heap[#heap] = nil
    local i = 1
    while true do
        local child = 2 * i
        if child > #heap then break end
        if child < #heap and heap[child + 1][1] < heap[child][1] then child = child + 1 end
        if heap[i][1] <= heap[child][1] then break end
        heap[i], heap[child] = heap[child], heap[i]
        i = child
    end
    return top[1], top[2]
end
local SIDE = 60
local cost = {}
for i = 0, SIDE * SIDE - 1 do cost[i] = 1 + random() % 9 end
local best, heap = {[0] = 0}, {}
heap_push(heap, 0, 0)
while #heap > 0 do
    local distance, at = heap_pop(heap)
    if distance == best[at] then
        local x, y = at % SIDE, at // SIDE
        for _, step in ipairs({{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) do
            local nx, ny = x + step[1], y + step[2]
            if nx >= 0 and nx < SIDE and ny >= 0 and ny < SIDE then
                local to = ny * SIDE + nx
                local through = distance + cost[to]
                if not best[to] or through < best[to] then
                    best[to] = through
                    heap_push(heap, through, to)
                end
            end
        end
    end
end
print("path", best[SIDE * SIDE - 1])

-- Eight queens, all solutions.
local function queens(size)
    local solutions, columns, up, down = 0, {}, {}, {}
    local function place(row)
        if row > size then solutions = solutions + 1; return end
        for column = 1, size do
            if not (columns[column] or up[row + column] or down[row - column]) then
                columns[column], up[row + column], down[row - column] = true, true, true
                place(row + 1)
                columns[column], up[row + column], down[row - column] = nil, nil, nil
            end
        end
    end
    place(1)
    return solutions
end
print("queens", queens(6), queens(8))

-- Matrices of floats.
local function matrix(size, value)
    local m = {}
    for i = 1, size do
        m[i] = {}
        for j = 1, size do m[i][j] = value(i, j) end
    end
    return m
end
local a = matrix(40, function(i, j) return 1 / (i + j - 1) end)
local b = matrix(40, function(i, j) return i == j and 2.0 or (i - j) / 40 end)
local product = matrix(40, function(i, j)
    local sum = 0.0
    for k = 1, 40 do sum = sum + a[i][k] * b[k][j] end
    return sum
end)
print(("%.12f %.12f"):format(product[1][1], product[40][7]))

-- The collector: weak tables lose what nothing else holds, finalizers run in
-- reverse order, memory returns.
local weak = setmetatable({}, {__mode = "v"})
local kept = {}
for i = 1, 100 do
    weak[i] = {i}
    if i % 10 == 0 then kept[#kept + 1] = weak[i] end
end
collectgarbage()
local alive = 0
for _ in pairs(weak) do alive = alive + 1 end
assert(alive == 10 and #kept == 10)
local ephemeron = setmetatable({}, {__mode = "k"})
do
    local k = {}
    ephemeron[k] = {k}
end
collectgarbage()
assert(next(ephemeron) == nil)
local finalized = {}
for i = 1, 3 do
    setmetatable({}, {__gc = function() finalized[#finalized + 1] = i end})
end
collectgarbage()
print("finalized", table.concat(finalized, " "))
local before = collectgarbage("count")
for _ = 1, 20 do
    local junk = {}
    for i = 1, 5000 do junk[i] = {i, tostring(i)} end
end
collectgarbage()
assert(collectgarbage("count") < before + 500)
for _, mode in ipairs({"generational", "incremental"}) do
    collectgarbage(mode)
    local tree
    for i = 1, 20000 do tree = {i, i % 100 > 0 and tree or nil} end
    assert(tree[1] == 20000)
end
print("tables ok")
