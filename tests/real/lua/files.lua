-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Files in the directory that arg[1] names, standard input and output, and the
-- part of os that needs no process.

local dir = arg[1]
local path = dir .. "/lua.txt"

local file = assert(io.open(path, "w"))
assert(io.type(file) == "file" and io.type(12) == nil)
assert(file:write("first\n", 2, " ", 3.5, "\n", "third\n\nfifth without end"))
print(file:seek("cur"), file:seek("set", 6), file:seek("end"))
assert(file:close() and io.type(file) == "closed file")

for line in io.lines(path) do io.write("<", line, ">") end
print()
for line in io.lines(path, "L") do io.write(#line, " ") end
print()
file = assert(io.open(path))
print(file:read("l", "n", "n", "l", "L"))
print(file:read(0), file:read(3), file:read("a"), file:read("a"), file:read("l"), file:read(0))
file:close()

file = assert(io.open(path, "a+"))
file:write(" and more")
file:seek("set")
print(#file:read("a"))
file:close()
file = assert(io.open(path, "r+b"))
file:write("FIRST")
file:seek("set", 0)
print(file:read())
file:close()

-- Buffers of every kind write the same bytes.
for _, mode in ipairs({"no", "line", "full"}) do
    local out = assert(io.open(path, "wb"))
    out:setvbuf(mode, 64)
    for i = 1, 500 do out:write(i, i % 7 == 0 and "\n" or ",") end
    out:close()
    local size, sum = 0, 0
    for byte in assert(io.open(path, "rb")):read("a"):gmatch(".") do
        size, sum = size + 1, (sum * 31 + byte:byte()) % 1000003
    end
    print(mode, size, sum)
end

-- Failures are values.
local function reason(_, message) return message:sub(-25) end
print(reason(io.open(dir .. "/none/lua.txt", "w")))
print(reason(io.open(dir .. "/missing")))
print(os.rename(path, dir .. "/moved.txt"), (io.open(path)))
print(os.remove(dir .. "/moved.txt"), (os.remove(dir .. "/moved.txt")))

-- Standard input: words and numbers.
print(io.read("n", "n"), io.read("l"))
local lines, bytes = 0, 0
for line in io.lines() do lines, bytes = lines + 1, bytes + #line end
print("input", lines, bytes)
io.stdout:write("written ", "directly\n")
io.stderr:write("to standard error\n")

-- Time and environment.
print(os.date("!%Y-%m-%d %H:%M:%S %j %a %b", 86400 * 366), os.date("!*t", 0).year)
print(os.time({year = 2024, month = 2, day = 30, hour = 12}) - os.time({year = 2024, month = 3, day = 1, hour = 12}))
assert(os.time() > 1600000000 and os.clock() >= 0 and os.difftime(5, 3) == 2.0)
print(os.getenv("GREETING"), os.getenv("NOT_THERE"))
print(#arg, arg[2], arg[3])
print("files ok")
