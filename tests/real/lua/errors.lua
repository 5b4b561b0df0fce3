-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Errors: raised, caught, rethrown, at every depth. Each is a longjmp.

print(pcall(error, "plain"))
print(pcall(error, "level 0", 0))
print(pcall(function() error("here") end))
print(pcall(function() error("caller", 2) end))
print(pcall(error, nil), select("#", pcall(error)))
local object = {code = 7}
local ok, caught = pcall(error, object)
assert(not ok and caught == object and caught.code == 7)

-- The interpreter's own errors, with their messages.
local broken = {
    function() local t = nil; return t.x end,
    function() local t = {}; return t.x.y end,
    function() return undefined_function() end,
    function() return {} + 1 end,
    function() return "a" + 1 end,
    function() return 1 < "2" end,
    function() return {} < {} end,
    function() return #5 end,
    function() return "a" .. {} end,
    function() return 1 // 0 end,
    function() return 1 % 0 end,
    function() return 1.5 | 1 end,
    function() return 2 ^ 63 | 0 end,
    function() local t = setmetatable({}, {__index = error}); return t.name end,
    function() return ("x"):rep(-1, {}) end,
    function() return ("x"):bad() end,
    function() for i = 1, 10, 0 do print(i) end end,
    function() for i = "a", 2 do print(i) end end,
    function() return string.format("%d", 1.5) end,
    function() return ("x"):find("[a") end,
    function() return ("x"):gsub("(", "") end,
    function() return tostring() end,
    function() return setmetatable(1, {}) end,
    function() return math.random(2, 1) end,
    function() return select(0) end,
    function() return table.concat({{}}) end,
    function() return next({}, "none") end,
    function() return utf8.char(-1) end,
    function() return string.rep("x", 1 << 40) end,
    function() local t = {}; t[nil] = 1 end,
    function() local t = {}; t[0 / 0] = 1 end,
    function() return load("return")(1).x end,
    function() assert(false) end,
    function() assert(nil, "message") end,
    function() assert(false, {}) end,
}
for i, f in ipairs(broken) do
    local _, message = pcall(f)
    print(i, type(message) == "string" and message or type(message))
end

print(load("x = = 2"))
print(load("for i = 1 do end", "=chunk"))
print(load("goto nowhere"))
print(load("local x <const> = 1; x = 2"))
print(load("return '\\400'"))

-- Nesting, rethrowing, handlers, and results through pcall.
local function nested(depth)
    if depth == 0 then error("bottom", 0) end
    local ok2, message = pcall(nested, depth - 1)
    assert(not ok2)
    error(message .. depth % 10, 0)
end
print(pcall(nested, 100))
print(xpcall(function(...) return select("#", ...), ... end, print, 1, nil, 3))
print(xpcall(error, function(m) return "handled " .. m end, "raised"))
print(xpcall(error, function() error("again") end, "raised") )
print(pcall(pcall, error, "x"))
print(pcall(xpcall))
local trace = select(2, xpcall(function() local x = nil; x() end, debug.traceback))
assert(trace:find("stack traceback:", 1, true))

-- Stack overflow is an error and leaves a working interpreter, again and again.
for _ = 1, 3 do
    local function forever() return 1 + forever() end
    local _, message = pcall(forever)
    assert(message:find("stack overflow", 1, true))
end
local _, message = pcall(string.gsub, ("x"):rep(300000), ("x?"):rep(300000), "")
print(#message < 200)
local deep = ("("):rep(300) .. "1" .. (")"):rep(300)
print(select(2, load("return " .. deep)))

-- Variables are closed on the way out, in order, and see the error.
local order = {}
local function closer(name)
    return setmetatable({}, {__close = function(_, e) order[#order + 1] = name .. ":" .. tostring(e) end})
end
print(pcall(function()
    local a <close> = closer("a")
    local b <close> = closer("b")
    error("closing", 0)
end))
print(table.concat(order, " "))
print(pcall(function()
    local a <close> = setmetatable({}, {__close = function() error("from close", 0) end})
    error("lost", 0)
end))

-- Many errors: no leak of frames or memory.
local caught_count = 0
for i = 1, 20000 do
    local ok3, e = pcall(function(n) if n % 2 == 0 then error(n) end return n end, i)
    if not ok3 then caught_count = caught_count + e // e end
end
print("caught", caught_count)
print("errors ok")
