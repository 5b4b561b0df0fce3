-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Strings: escapes, the library, patterns, packing, UTF-8.

assert("\65\066\x43\u{44}\z
        E" == "ABCDE" and "a\
b" == "a\nb" and #"\0\0" == 2)
assert([==[
]]]==] == "]]")
assert("10" + 1 == 11 and 10 .. 20 == "1020" and -"2" == -2)
assert("a" < "b" and "a" < "aa" and "Z" < "a" and "" < "\0" and "a\0a" < "a\0b")

local s = "the quick brown fox"
print(s:sub(5, 9), s:sub(-3), s:sub(0), s:sub(3, 2) == "", s:sub(-100, 3))
print(s:upper(), s:reverse(), #s, s:byte(1, 3), string.char(72, 105))
print(("ab"):rep(3, "-"), ("x"):rep(0) == "", s:find("quick"), s:find("o", 14))
print(s:find("o.", 1, true), s:find(""), s:find("", 100), s:find("b(r)(o)"))

-- Patterns.
print(s:match("^(%w+)"), s:match("(%w+)$"), s:match("()quick()"))
print(("key = value # note"):match("^(%w+)%s*=%s*(%w+)"))
print(("[[nested (a(b)c) ]]"):match("%b()"), ("THE (quick) fox"):find("%((%a+)%)"))
print(("hello world from Lua"):gsub("%w+", string.upper, 2))
print(("hello"):gsub("", "-"), ("abc"):gsub("%w", "%0%0"), ("a.b"):gsub("%.", "%%"))
print(("$name is $age"):gsub("%$(%w+)", {name = "Ada", age = 36}))
print(("one;two;;four"):gsub(";;", ";nil;"), ("x^2"):gsub("%^", "**"))
print(("THE QUICK"):gsub("%f[%a]%a+", function(w) return w:sub(1, 1) .. w:sub(2):lower() end))
print(("  trim me  "):match("^%s*(.-)%s*$") .. "|", ("a,b,,c"):gsub(",", "%0 "))
local words = {}
for word, at in s:gmatch("(%a+)()") do words[#words + 1] = word .. at end
print(table.concat(words, " "))
local parts = {}
for part in ("a,,b,c,"):gmatch("([^,]*),?") do parts[#parts + 1] = "<" .. part .. ">" end
print(table.concat(parts))
print(("0123456789abcdefXYZ _!"):gsub("[^%x]", "."), ("a-z]"):match("[]%-]+"))
print(("äöü"):gsub("[\xC3].", "?"), ("%d"):gsub("%%d", "x"), ("aaa"):find("a-", 2))
print(("x"):rep(5):gsub("x*", "y"), ("abc"):gsub("b*", "-"))

-- Formats.
print(("%s %s %s %10s|%-10s|%.2s"):format(nil, true, 1.5, "r", "l", "cut"))
print(("%q"):format('say "hi"\n\0\r\\'), ("%q"):format(1 / 3), ("%q"):format(math.mininteger))
print(("%%"):format(), ("%s"):format(setmetatable({}, {__tostring = function() return "T" end})))

-- Packing: sizes, byte orders, alignment, strings.
local function hex(text) return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
print(hex(string.pack("<i4>i4=B", 1, 2, 3)), string.packsize("i4i8!8d"))
print(hex(string.pack(">s2z", "ab", "cd")), string.unpack(">s2z", "\0\2abcd\0"))
print(hex(string.pack("<f", 1.5)), hex(string.pack(">d", -2)), hex(string.pack("<i3", -2)))
print(string.unpack("<I3", "\1\2\3"), string.unpack("<i16", ("\xFF"):rep(16)))
print(hex(string.pack("!4 b Xi4 i4", 1, 2)), string.unpack("<!4 b Xi4 i4", "\1\0\0\0\2\0\0\0"))
for size = 1, 8 do
    local bits = size * 8
    local low = size == 8 and math.mininteger or -(1 << (bits - 1))
    assert(string.unpack("<i" .. size, string.pack("<i" .. size, low)) == low)
end

-- UTF-8.
local text = "aé日🦀"
print(#text, utf8.len(text), utf8.char(97, 233, 26085, 129408) == text)
for at, code in utf8.codes(text) do io.write(at, ":", code, " ") end
print(utf8.offset(text, 3), utf8.codepoint(text, 1, -1))
print(utf8.len("\xff"), utf8.len("\u{7FFFFFFF}"), utf8.len("\u{7FFFFFFF}", 1, -1, true))
print(select("#", text:gsub(utf8.charpattern, "x")), (text:gsub(utf8.charpattern, "x")))

-- A long string built and taken apart again.
local pieces = {}
for i = 1, 5000 do pieces[i] = ("%d:%x"):format(i, i * i) end
local long = table.concat(pieces, ",")
local total, n = 0, 0
for i, square in long:gmatch("(%d+):(%x+)") do
    assert(tonumber(square, 16) == tonumber(i) ^ 2)
    total, n = total + tonumber(i), n + 1
end
print(#long, n, total)

-- Interpretation of a small language by patterns: reverse Polish notation.
local function rpn(line)
    local stack = {}
    for token in line:gmatch("%S+") do
        local number = tonumber(token)
        if number then
            stack[#stack + 1] = number
        else
            local b, a = table.remove(stack), table.remove(stack)
            stack[#stack + 1] = load("local a, b = ...; return a " .. token .. " b")(a, b)
        end
    end
    return stack[1]
end
print(rpn("3 4 + 2 *"), rpn("5 1 2 + 4 * + 3 -"), rpn("2 10 ^"), rpn("7 2 //"))
print("strings ok")
