-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Integers, floats, conversions between them and text, math, bits.

-- Integers wrap around, division and remainder round down.
assert(math.maxinteger + 1 == math.mininteger)
assert(math.mininteger // -1 == math.mininteger and math.mininteger % -1 == 0)
for _, pair in ipairs({{7, 3}, {-7, 3}, {7, -3}, {-7, -3}}) do
    local a, b = pair[1], pair[2]
    assert(a == (a // b) * b + a % b)
    print(a // b, a % b, a / b, math.fmod(a, b), a // (b + 0.0), a % (b + 0.0))
end
print(1 // 0.0, -1 // 0.0, 0.0 / 0.0 ~= 0.0 / 0.0, 5 % math.huge, -5 % math.huge)
print(2 ^ 53 == 2 ^ 53 + 1, 1 << 63, 1 << 64, -1 >> 60, ~0, 5 ~ 3, 0xFF & 12.0)
print(0x7fffffffffffffff, 0xffffffffffffffff, 0x1p-2, 0xA.8p0, 1e308 * 10)

-- Comparison of integers with floats is exact.
local big = (1 << 53) + 1
assert(big > 2.0 ^ 53 and big ~= 2.0 ^ 53 and math.maxinteger < 2.0 ^ 63)
assert(math.mininteger == -2.0 ^ 63 and 1 == 1.0)
print(math.type(1), math.type(1.0), math.type("1"), 3 | 0, 3.0 | 0, "10" + 5)

-- Text to number and back.
for _, text in ipairs({"0x10", " 12 ", "1e1", "0x.8p1", "12a", "", "1 2", "nan",
                       "9223372036854775808", "-9223372036854775808", "1e", "."}) do
    print(("%q"):format(text), tonumber(text))
end
for base = 2, 36, 17 do print(base, tonumber("10", base), tonumber("zz", base)) end
for _, value in ipairs({0.1, 1e15, 1e16, 1e100, -0.0, 123456789012345.0, 2 ^ 63,
                        1 / 3, 0x1p-1000, 1.7976931348623157e308, 100, -7}) do
    print(value, ("%.17g"):format(value), ("%a"):format(value))
    assert(tonumber(("%.17g"):format(value)) == value)
end
print(("%5d|%-5d|%05d|%+d|%x|%X|%o|%c"):format(42, 42, 42, 42, 255, 255, 8, 65))
print(("%8.3f|%-8.2e|%g|%G|%i"):format(3.14159, 31415.9, 1e20, 1e-10, 7))

-- The library.
print(math.floor(-2.5), math.ceil(-2.5), math.abs(math.mininteger), math.pi)
print(math.tointeger(3.0), math.tointeger(3.5), math.tointeger("8"))
print(math.max(1, 2.5, -1), math.min(3, 1, 2), math.ult(1, -1), math.modf(-3.7))
print(math.sqrt(2), math.exp(1), math.log(10), math.log(8, 2), math.log(100, 10))
print(("%.12f %.12f %.12f"):format(math.sin(1), math.cos(1), math.tan(1)))
print(("%.12f %.12f"):format(math.asin(0.5), math.atan(1, -1)))
math.randomseed(42)
local a, b = math.random(100), math.random(0)
math.randomseed(42)
assert(a == math.random(100) and b == math.random(0))
for _ = 1, 1000 do
    local r = math.random(-3, 3)
    assert(r >= -3 and r <= 3 and math.type(r) == "integer")
    r = math.random()
    assert(r >= 0 and r < 1)
end

-- Enough arithmetic to notice a wrong instruction somewhere.
local sieve, primes = {}, 0
for i = 2, 20000 do
    if not sieve[i] then
        primes = primes + 1
        for j = i * i, 20000, i do sieve[j] = true end
    end
end
local hash = 0xcbf29ce484222325
for i = 1, 20000 do hash = (hash ~ (i & 0xFF)) * 1099511628211 end
local series = 0.0
for i = 1, 20000 do series = series + 1 / (i * i) end
local x = 1.0
for _ = 1, 50 do x = math.cos(x) end
print(primes, ("%016x"):format(hash), ("%.15f"):format(series), ("%.12f"):format(x))

-- Numbers of any length, base 10^7: 200 factorial and a large Fibonacci number.
local BASE = 10000000
local function times(digits, k)
    local carry = 0
    for i = 1, #digits do
        local t = digits[i] * k + carry
        digits[i], carry = t % BASE, t // BASE
    end
    while carry > 0 do digits[#digits + 1], carry = carry % BASE, carry // BASE end
end
local function plus(l, r)
    local out, carry = {}, 0
    for i = 1, math.max(#l, #r) do
        local t = (l[i] or 0) + (r[i] or 0) + carry
        out[i], carry = t % BASE, t // BASE
    end
    if carry > 0 then out[#out + 1] = carry end
    return out
end
local function show(digits)
    local out = {tostring(digits[#digits])}
    for i = #digits - 1, 1, -1 do out[#out + 1] = ("%07d"):format(digits[i]) end
    return table.concat(out)
end
local factorial = {1}
for k = 2, 200 do times(factorial, k) end
print(show(factorial))
local f, g = {0}, {1}
for _ = 1, 1000 do f, g = g, plus(f, g) end
print(show(f))
print("numbers ok")
